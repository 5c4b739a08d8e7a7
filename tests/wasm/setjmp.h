/* setjmp.h - nothing: in WebAssembly a test that fails throws in the program that runs it. */
#pragma once
