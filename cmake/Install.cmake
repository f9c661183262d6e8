# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts under a prefix: the program, and the library as one archive with its headers and a CMake
# package, so that others write find_package(tallystick) and link tallystick::tallystick.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

if(NOT TARGET tally_lib)
  return()
endif()

# The folders that src/lib stands on. Nobody outside has to know that they are several.
set(archive_objects)
foreach(folder base crypto merkle storage log event redact lib)
  list(APPEND archive_objects $<TARGET_OBJECTS:tally_${folder}>)
endforeach()

add_library(tallystick_archive STATIC ${archive_objects})
set_target_properties(tallystick_archive PROPERTIES
  OUTPUT_NAME tallystick
  EXPORT_NAME tallystick
  LINKER_LANGUAGE CXX
  ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
target_compile_features(tallystick_archive INTERFACE cxx_std_20)
target_include_directories(tallystick_archive INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_link_libraries(tallystick_archive PRIVATE OpenSSL::Crypto simdjson::simdjson Threads::Threads)
if(TALLY_SANITIZE)
  # Objects with sanitizers do not link without them.
  target_link_options(tallystick_archive INTERFACE -fsanitize=${TALLY_SANITIZE})
endif()

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/tallystick")
configure_package_config_file(
  "${CMAKE_SOURCE_DIR}/cmake/tallystick-config.cmake.in" "${CMAKE_BINARY_DIR}/package/tallystick-config.cmake"
  INSTALL_DESTINATION "${package_dir}")
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file("${CMAKE_BINARY_DIR}/package/tallystick-config-version.cmake"
  COMPATIBILITY SameMinorVersion)

install(TARGETS tallystick_archive EXPORT tallystick-targets ARCHIVE COMPONENT library)
install(EXPORT tallystick-targets NAMESPACE tallystick:: DESTINATION "${package_dir}" COMPONENT library)
install(FILES "${CMAKE_BINARY_DIR}/package/tallystick-config.cmake"
              "${CMAKE_BINARY_DIR}/package/tallystick-config-version.cmake"
        DESTINATION "${package_dir}" COMPONENT library)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/include/tallystick" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT library
        FILES_MATCHING PATTERN "*.h")
install(FILES "${CMAKE_SOURCE_DIR}/LICENSE" "${CMAKE_SOURCE_DIR}/README.md" DESTINATION "${CMAKE_INSTALL_DOCDIR}"
        COMPONENT documents)

if(TALLY_TESTS)
  add_subdirectory(tests/install)
endif()
