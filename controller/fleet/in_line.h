// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_IN_LINE_H_
#define FIREBREAK_CONTROLLER_FLEET_IN_LINE_H_

namespace firebreak::controller {

// A member of a TrialLine or a NumberLine: a host's stream.
class InLine {
 public:
  virtual ~InLine() = default;
  // Called without the line's lock when it is the member's turn.
  virtual void OnTurn() = 0;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_IN_LINE_H_
