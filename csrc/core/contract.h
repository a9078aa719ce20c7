#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/plan.h"

namespace tilewright {

/// "(4, 4, 8)"; "features", "the kind".
std::string to_text(const std::vector<std::int64_t>& shape);
std::string to_text(Holds holds);

/// The elements of a value. Throws std::invalid_argument, its text beginning with `role`, if an axis is
/// shorter than 1 or the value larger than kMaxValueBytes.
std::size_t checked_elements(const Value& value, const std::string& role);

/// What an op makes of its inputs, by its contract (csrc/ops): the shape and what the elements are. Throws
/// std::invalid_argument, with a reason such as "the input must be (4, 4, 2), not (4, 4, 4)", if the inputs
/// do not fit the op.
Value output_of(const ops::Op& op, const std::vector<const Value*>& inputs);

}  // namespace tilewright
