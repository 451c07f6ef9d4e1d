// SPDX-License-Identifier: Apache-2.0

// A program of a host that asks its agent, as local_program.py does, in C++: a Question on each
// line of the standard input and an Answer on each line of the standard output, as JSON.
//
//   local_program SOCKET

#include <iostream>
#include <stdexcept>
#include <string>

#include "agent.h"
#include "google/protobuf/util/json_util.h"

namespace {

namespace v1 = firebreak::v1;

v1::Answer AnswerTo(Agent& agent, const std::string& line) {
  v1::Question question;
  if (!google::protobuf::util::JsonStringToMessage(line, &question).ok()) {
    throw std::runtime_error("this is no question: " + line);
  }
  return agent.Ask(question);
}

}  // namespace

int main(int, char** argv) {
  try {
    Agent agent(argv[1]);
    for (std::string line; std::getline(std::cin, line);) {
      v1::Answer answer;
      try {
        answer = AnswerTo(agent, line);
      } catch (const std::runtime_error& error) {
        answer.set_error(error.what());
      }
      google::protobuf::util::JsonPrintOptions options;
      options.preserve_proto_field_names = true;
      std::string text;
      if (!google::protobuf::util::MessageToJsonString(answer, &text, options).ok()) return 1;
      std::cout << text << std::endl;
    }
  } catch (const std::runtime_error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
