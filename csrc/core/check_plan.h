#pragma once

#include <string>

#include "core/plan.h"

namespace tilewright {

/// Limits that keep every index of a kernel within int.
constexpr std::size_t kMaxValueBytes = std::size_t{1} << 28;
constexpr std::size_t kMaxWeights = std::size_t{1} << 28;
constexpr std::size_t kMaxInputs = 16;
constexpr int kMaxKernel = 31;
constexpr int kMaxDilation = 1024;

/// Limit for the work per tile: multiply-adds, plus one for each element that a step writes, times the
/// evaluations. This allows a million per pixel of 512 x 512, 256 times (docs/pack_format.md).
constexpr double kMaxWork = double{std::int64_t{1} << 46};

/// Checks everything that backends take for granted: every step reads values that are written before it and
/// agree in shape with its op, tables and weights have the stated sizes, no sum can leave int32, and the work
/// per tile is limited. Throws std::invalid_argument with a text such as "Executor(): step 3 (conv2d): the
/// input must be (4, 4, 8), not (4, 4, 16)".
void check_plan(const Plan& plan);

/// Checks options for the sampler of a checked plan: their ranges, whether its method has them, and the work
/// per tile. prefix: of the texts of errors.
void check_sampling(const Plan& plan, const SamplingOptions& options, const std::string& prefix);

}  // namespace tilewright
