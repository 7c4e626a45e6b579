#ifndef DATA_INSTRUCTION_SYNTHETIC_H_
#define DATA_INSTRUCTION_SYNTHETIC_H_

#include <cstdint>
#include <vector>

#include "data/instruction_example.h"

namespace anisograd {

// The stand-in where Alpaca cannot be had: `count` examples of six templated
// tasks with one right response each, so that a small language model has
// something to learn from frequent to rare: repeating words, reversing them,
// counting them, sorting them, adding two numbers, and looking up a fact. As in
// Alpaca, some tasks come with an input and some without. Example i is a
// function of `seed` and i alone; 0 <= count < 2^32.
std::vector<InstructionExample> GenerateInstructions(int64_t count,
                                                     uint64_t seed);

}  // namespace anisograd

#endif  // DATA_INSTRUCTION_SYNTHETIC_H_
