#ifndef DATA_INSTRUCTION_EXAMPLE_H_
#define DATA_INSTRUCTION_EXAMPLE_H_

#include <string>

namespace anisograd {

// One task of an instruction set and the response to learn. UTF-8.
struct InstructionExample {
  std::string instruction;
  // What the instruction is about; empty where it needs nothing more.
  std::string input;
  std::string output;
};

}  // namespace anisograd

#endif  // DATA_INSTRUCTION_EXAMPLE_H_
