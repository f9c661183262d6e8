# SPDX-License-Identifier: Apache-2.0
# Debian packages, by CPack: tallystick (program, service, manual) and tallystick-dev (library, headers, CMake package). `make package`.
if(NOT TARGET tallystick OR NOT TARGET tallystick_archive)
  return()
endif()
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

set(files "${CMAKE_BINARY_DIR}/package_files")
set(debian "${CMAKE_SOURCE_DIR}/deploy/debian")
# Not part of a build: only packages need it.
add_custom_target(tally_package_files
  COMMAND Python3::Interpreter -B "${CMAKE_SOURCE_DIR}/tools/package_files.py" --tallystick $<TARGET_FILE:tallystick>
          --version "${PROJECT_VERSION}" --output "${files}"
  DEPENDS tallystick VERBATIM)

# `cmake --install` leaves these out: they are for the places of a system package.
set(program COMPONENT service EXCLUDE_FROM_ALL)
install(FILES "${CMAKE_SOURCE_DIR}/deploy/systemd/tallystick.service" DESTINATION /lib/systemd/system ${program})
install(FILES "${CMAKE_SOURCE_DIR}/deploy/tallystick.yaml" DESTINATION /etc/tallystick ${program})
install(FILES "${CMAKE_SOURCE_DIR}/deploy/tallystick.env.example" DESTINATION /etc/tallystick RENAME tallystick.env ${program})
install(DIRECTORY "${files}/man/" DESTINATION share/man ${program})
install(FILES "${files}/tallystick.bash" DESTINATION share/bash-completion/completions RENAME tallystick ${program})
install(FILES "${files}/changelog.Debian.gz" "${debian}/copyright" DESTINATION share/doc/tallystick ${program})
install(DIRECTORY "${CMAKE_SOURCE_DIR}/docs/operations" DESTINATION share/doc/tallystick ${program})
install(DIRECTORY "${CMAKE_SOURCE_DIR}/deploy/prometheus" "${CMAKE_SOURCE_DIR}/deploy/grafana"
        DESTINATION share/doc/tallystick/examples ${program} PATTERN "rules_test.yaml" EXCLUDE)
install(FILES "${files}/changelog.Debian.gz" "${debian}/copyright" DESTINATION share/doc/tallystick-dev
        COMPONENT library_documents EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "tamper-evident audit log for the Model Context Protocol")
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_SOURCE_DIR}/out/package")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_COMPONENTS_ALL program service library library_documents)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENT_PROGRAM_GROUP main)
set(CPACK_COMPONENT_SERVICE_GROUP main)
set(CPACK_COMPONENT_LIBRARY_GROUP dev)
set(CPACK_COMPONENT_LIBRARY_DOCUMENTS_GROUP dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "Tallystick maintainers <maintainers@tallystick.invalid>")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_MAIN_PACKAGE_NAME tallystick)
set(CPACK_DEBIAN_MAIN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_MAIN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_MAIN_PACKAGE_DEPENDS adduser)
# Loaded when `--url` is used.
set(CPACK_DEBIAN_MAIN_PACKAGE_RECOMMENDS libcurl4)
set(CPACK_DEBIAN_MAIN_PACKAGE_CONTROL_EXTRA "${debian}/postinst;${debian}/prerm;${debian}/postrm;${debian}/conffiles")
set(CPACK_COMPONENT_MAIN_DESCRIPTION "Tallystick records what MCP clients and servers say to each other, over
standard input and output or HTTP, in a signed, append-only Merkle log of
plain JSON lines: nobody can change, drop or reorder an entry unnoticed, and
anyone can check that. This package has the program, its service and its
manual.")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME tallystick-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libssl-dev, libsimdjson-dev")
set(CPACK_COMPONENT_DEV_DESCRIPTION "A C++20 library to write, read, verify and prove logs of Tallystick: a static
archive, headers and a CMake package.")
include(CPack)
