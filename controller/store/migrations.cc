#include "controller/store/migrations.h"

namespace firebreak::controller {

std::span<const Migration> Migrations() { return {}; }

}  // namespace firebreak::controller
