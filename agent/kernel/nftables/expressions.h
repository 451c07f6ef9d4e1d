// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_EXPRESSIONS_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_EXPRESSIONS_H_

#include <stdio.h>  // libnftnl needs FILE

#include <libnftnl/expr.h>

#include "policy/ruleset/expression.h"

namespace firebreak::agent {

// Converts an expression to libnftnl's, which the caller owns until a rule takes it. Returns null
// for Foreign, which is never written.
nftnl_expr* MakeExpression(const ruleset::Expression& expression);

// Converts an expression back. What we never write becomes Foreign.
ruleset::Expression ReadExpression(const nftnl_expr& expression);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_EXPRESSIONS_H_
