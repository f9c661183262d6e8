# SPDX-License-Identifier: Apache-2.0
# The only makers of targets: warnings, sanitizers, include roots and labels are set here, once.

set(TALLY_SANITIZE "" CACHE STRING "Value for -fsanitize=, for example address,undefined")

add_library(tally_settings INTERFACE)
target_include_directories(tally_settings INTERFACE "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}/include")
target_compile_options(tally_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Werror)
if(TALLY_SANITIZE)
  target_compile_options(tally_settings INTERFACE -fsanitize=${TALLY_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  # g++ sees uninitialised values in the checks that sanitizers add (its manual says so).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(tally_settings INTERFACE -Wno-maybe-uninitialized)
  endif()
  target_link_options(tally_settings INTERFACE -fsanitize=${TALLY_SANITIZE})
endif()

# What nearly every source includes is read once, unless ccache is used: that has read it before, and would have to hash
# it. That hides a missing #include; builds with ccache and clang-tidy find it.
option(TALLY_PRECOMPILE "Precompile the headers of the standard library and of the test framework" ON)
if(CMAKE_CXX_COMPILER_LAUNCHER)
  set(TALLY_PRECOMPILE OFF)
endif()

# Tests are compiled several files at once, which takes less than half the time. Names of their anonymous namespaces may
# not meet then: give a helper that has a namesake in the same folder a name of its own.
option(TALLY_UNITY "Compile several tests at once" ${TALLY_PRECOMPILE})

# Headers precompiled with the options of tally_library(), for all of them.
function(tally_precompile_for_libraries)
  file(WRITE "${CMAKE_BINARY_DIR}/precompiled_library.cc" "")
  add_library(tally_library_headers STATIC "${CMAKE_BINARY_DIR}/precompiled_library.cc")
  # g++ 12 takes std::string out of a precompiled header for code of ours and sees its moves go out of bounds. Builds
  # with ccache keep these warnings.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(tally_settings INTERFACE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
      -Wno-restrict)
  endif()
  target_link_libraries(tally_library_headers PRIVATE tally_settings)
  target_precompile_headers(tally_library_headers PRIVATE <algorithm> <array> <charconv> <chrono> <condition_variable>
    <cstdint> <cstring> <deque> <functional> <map> <memory> <mutex> <optional> <span> <string> <string_view> <thread>
    <tl/expected.hpp> <unordered_map> <utility> <variant> <vector>)
endfunction()

# tally_library(<folder> SOURCES a.cc b.cc DEPS tallystick::base ...)
function(tally_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  set(target tally_${name})
  foreach(dep IN LISTS ARG_DEPS)
    if(NOT TARGET ${dep})
      message(FATAL_ERROR "${target}: ${dep} does not exist, or comes later in the order of folders")
    endif()
  endforeach()
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(tallystick::${name} ALIAS ${target})
  target_link_libraries(${target} PUBLIC ${ARG_DEPS} PRIVATE tally_settings)
  if(TALLY_PRECOMPILE)
    if(NOT TARGET tally_library_headers)
      tally_precompile_for_libraries()
    endif()
    target_precompile_headers(${target} REUSE_FROM tally_library_headers)
  endif()
  set_property(GLOBAL APPEND PROPERTY TALLY_LIBRARIES ${target})
endfunction()

# Headers precompiled with the options of tally_test(), for all of them; a program too, because -fPIE is among them.
function(tally_precompile_for_tests)
  file(WRITE "${CMAKE_BINARY_DIR}/precompiled.cc" "")
  add_executable(tally_test_headers "${CMAKE_BINARY_DIR}/precompiled.cc")
  tally_test_options(tally_test_headers)
  target_compile_options(tally_test_headers PRIVATE $<$<CONFIG:RelWithDebInfo>:-O0>)
  target_link_libraries(tally_test_headers PRIVATE GTest::gtest_main)
  target_precompile_headers(tally_test_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h> <chrono> <functional>
    <memory> <optional> <string> <string_view> <thread> <vector>)
endfunction()

function(tally_test_options target)
  target_compile_definitions(${target} PRIVATE TALLY_TEST_DATA="${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(${target} PRIVATE tally_settings GTest::gmock)
endfunction()

# tally_test(<folder> [FOLDER <path>] [OPTIMISED] DEPS ...): every tests/<folder>/*_test.cc becomes part of one test
# program; FOLDER is for a folder within another one.
# Tests themselves are not optimised, for they take longer to compile than to run; OPTIMISED is for those that do not.
function(tally_test name)
  cmake_parse_arguments(ARG "OPTIMISED" "FOLDER" "DEPS" ${ARGN})
  set(target tally_${name}_test)
  if(NOT ARG_FOLDER)
    set(ARG_FOLDER ${name})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${ARG_FOLDER}/*.cc")
  if(NOT sources)
    return()
  endif()
  add_executable(${target} ${sources})
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  tally_test_options(${target})
  target_link_libraries(${target} PRIVATE ${ARG_DEPS} GTest::gtest_main)
  if(NOT ARG_OPTIMISED)
    target_compile_options(${target} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O0>)
  endif()
  if(TALLY_PRECOMPILE AND NOT ARG_OPTIMISED)
    if(NOT TARGET tally_test_headers)
      tally_precompile_for_tests()
    endif()
    target_precompile_headers(${target} REUSE_FROM tally_test_headers)
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${TALLY_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  add_test(NAME unit.${name} COMMAND ${target} --gtest_brief=1)
  # The longest take two minutes; one that hangs must leave time to say so.
  set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT 480)
endfunction()

# tally_fuzz(<name> DEPS ...): fuzz/<name>_fuzz.cc; with clang and TALLY_FUZZ a libFuzzer program, else a
# program that runs the seeds once, so that every build checks seeds and old crashes.
function(tally_fuzz name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  set(target tally_${name}_fuzz)
  if(TALLY_FUZZ)
    add_executable(${target} ${name}_fuzz.cc)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${target} ${name}_fuzz.cc run_seeds.cc)
  endif()
  target_link_libraries(${target} PRIVATE ${ARG_DEPS} tally_settings)
  add_test(NAME fuzz.${name} COMMAND ${target} "${CMAKE_SOURCE_DIR}/fuzz/seeds/${name}")
  if(TALLY_FUZZ)
    set_tests_properties(fuzz.${name} PROPERTIES ENVIRONMENT "" )
    set_property(TEST fuzz.${name} PROPERTY DISABLED TRUE)
  endif()
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 120)
endfunction()

# tally_bench(<name> DEPS ...): bench/<name>_bench.cc; run by `make bench`.
function(tally_bench name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  set(target tally_${name}_bench)
  add_executable(${target} ${name}_bench.cc)
  target_link_libraries(${target} PRIVATE ${ARG_DEPS} tally_settings)
endfunction()
