#ifndef FIREBREAK_CONTROLLER_FLEET_IN_LINE_H_
#define FIREBREAK_CONTROLLER_FLEET_IN_LINE_H_

namespace firebreak::controller {

// Who stands in a TrialLine or a NumberLine: a host's stream.
class InLine {
 public:
  virtual ~InLine() = default;
  // It is its turn. Called without the line's lock.
  virtual void OnTurn() = 0;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_IN_LINE_H_
