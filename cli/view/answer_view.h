#ifndef FIREBREAK_CLI_VIEW_ANSWER_VIEW_H_
#define FIREBREAK_CLI_VIEW_ANSWER_VIEW_H_

#include <functional>
#include <string>
#include <vector>

#include "cli/output/table.h"
#include "firebreak/v1/host.pb.h"
#include "google/protobuf/message.h"

namespace firebreak::cli {

// How the answers to one kind of question are shown: as a list, a row for each item, part by part;
// or, with `text`, as one piece.
struct AnswerView {
  std::vector<std::string> columns;
  // The items of a part, which live as long as it.
  std::function<std::vector<const google::protobuf::Message*>(const v1::Answer&)> items;
  // One of the items as a row, a cell for each column.
  std::function<std::vector<Cell>(const google::protobuf::Message&)> row;
  // What to say when there is not a single item.
  std::string none;

  // The text of the whole answer, `colours` or not. Its first item is then all its data.
  std::function<std::string(const v1::Answer&, bool colours)> text = nullptr;
};

// Puts a part behind the others of its answer.
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
