#pragma once

#include "core/plan.h"

namespace tilewright {

/// Limits that keep every index of a kernel inside an int.
constexpr std::size_t kMaxValueBytes = std::size_t{1} << 28;
constexpr std::size_t kMaxWeights = std::size_t{1} << 28;
constexpr std::size_t kMaxInputs = 16;
constexpr int kMaxKernel = 31;
constexpr int kMaxDilation = 1024;

/// Checks everything that backends take for granted: every step reads values that are written before it and
/// agree in shape with its op; tables and weights have the sizes they claim; no sum can leave int32. Throws
/// std::invalid_argument with a text such as
/// "Executor(): step 3 (conv2d): the input must be (4, 4, 8), not (4, 4, 16)".
void check_plan(const Plan& plan);

}  // namespace tilewright
