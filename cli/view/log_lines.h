#ifndef FIREBREAK_CLI_VIEW_LOG_LINES_H_
#define FIREBREAK_CLI_VIEW_LOG_LINES_H_

#include <string>

#include "firebreak/v1/log.pb.h"

namespace firebreak::cli {

// Records one by one as they come, in columns of fixed widths, so that the first need not wait for
// the last. What is too wide pushes the rest of its line aside.
std::string LogHeading(bool colours);
std::string LogLine(const v1::LogRecord& record, bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_LOG_LINES_H_
