#ifndef TOOLS_BASE_TIME_LEFT_H_
#define TOOLS_BASE_TIME_LEFT_H_

#include <string>

namespace anisograd {

// What a line of progress ends with: ", about 1m20s left" where `share`, in (0, 1],
// of the work took `seconds`; "" where nothing is done yet.
std::string TimeLeft(double seconds, double share);

}  // namespace anisograd

#endif  // TOOLS_BASE_TIME_LEFT_H_
