// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_FUZZ_LOCAL_QUESTIONS_H_
#define FIREBREAK_TESTS_FUZZ_LOCAL_QUESTIONS_H_

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "base/frame/frame.h"
#include "firebreak/v1/host.pb.h"
#include "proto/endpoint/agent_socket.h"

namespace firebreak {

// Reads `bytes` as a program's messages on the agent's socket, and calls `take` for each question,
// with its index, until the bytes are no question. Reads at most 200 questions.
inline void ForEachQuestion(absl::string_view bytes,
                            absl::FunctionRef<void(int index, const v1::Question&)> take) {
  for (int i = 0; i < 200; ++i) {
    const auto first = FirstInFrame(bytes, kMaxQuestionBytes);
    if (!first.ok() || !first->has_value()) return;
    v1::Question question;
    if (!question.ParseFromArray((*first)->data(), static_cast<int>((*first)->size()))) return;
    bytes.remove_prefix(kFrameHeaderBytes + (*first)->size());
    take(i, question);
  }
}

}  // namespace firebreak

#endif  // FIREBREAK_TESTS_FUZZ_LOCAL_QUESTIONS_H_
