# How llama.cpp is compiled for Kutip: the same answers, as fast, in a third of the compiler's time.
# CMake reads this file after the project() of llama-cpp-python: -DCMAKE_PROJECT_llama_cpp_INCLUDE=…

# Nothing in Kutip uses these two: helpers of llama.cpp's own tools, and models that see or hear.
set(LLAMA_BUILD_COMMON OFF)
set(LLAVA_BUILD OFF)

# libllama builds graphs of 150 kinds of model, which ggml's kernels then calculate. The kernels stay at -O3;
# of libllama only what works on every token of a text or of a vocabulary gets more than -O1.
function(kutip_light)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    return()
  endif()
  set_property(TARGET llama APPEND PROPERTY COMPILE_OPTIONS -O1)
  foreach(name llama-vocab unicode llama-grammar llama-sampler llama-kv-cache llama-graph)
    set(file "${CMAKE_CURRENT_SOURCE_DIR}/vendor/llama.cpp/src/${name}.cpp")
    if(NOT EXISTS "${file}")
      message(FATAL_ERROR "llama.cpp has no ${name}.cpp any more: look again at what is worth -O2")
    endif()
    set_property(SOURCE "${file}" TARGET_DIRECTORY llama APPEND PROPERTY COMPILE_OPTIONS -O2)
  endforeach()
endfunction()
cmake_language(DEFER CALL kutip_light)
