// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_ANSWER_VIEW_H_
#define FIREBREAK_CLI_VIEW_ANSWER_VIEW_H_

#include <functional>
#include <string>
#include <vector>

#include "cli/output/table.h"
#include "firebreak/v1/host.pb.h"
#include "google/protobuf/message.h"

namespace firebreak::cli {

// How the answers to one kind of question are shown: as a list with a row for each item, part by
// part, or, if `text` is set, as one text.
struct AnswerView {
  std::vector<std::string> columns;
  // Returns the items of a part; they are valid as long as the part.
  std::function<std::vector<const google::protobuf::Message*>(const v1::Answer&)> items;
  // Returns the row of an item, with a cell for each column.
  std::function<std::vector<Cell>(const google::protobuf::Message&)> row;
  // The text for an answer without items.
  std::string none;

  // Returns the whole answer as text. The first item is then the data of the whole answer.
  std::function<std::string(const v1::Answer&, bool colours)> text = nullptr;
};

// Appends a part to the parts of the same answer.
void Merge(const v1::Answer& part, v1::Answer& whole);

AnswerView InterfacesView();
AnswerView HostMappingsView();
AnswerView FlowsView();
AnswerView SocketsView();
AnswerView SettingsView();
AnswerView RulesView();
AnswerView TraceView();
AnswerView LocalStatusView();

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_ANSWER_VIEW_H_
