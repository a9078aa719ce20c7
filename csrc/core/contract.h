#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/plan.h"

namespace tilewright {

/// Returns text such as "(4, 4, 8)"; "features", "the kind".
std::string to_text(const std::vector<std::int64_t>& shape);
std::string to_text(Holds holds);

/// Returns the number of elements of a value. Throws std::invalid_argument, with a text that begins with
/// `role`, if an axis is shorter than 1 or the value is larger than kMaxValueBytes.
std::size_t checked_elements(const Value& value, const std::string& role);

/// Returns the output of an op by its contract (csrc/ops): the shape and the content (Holds). Throws
/// std::invalid_argument, with a reason such as "the input must be (4, 4, 2), not (4, 4, 4)", for unsuitable
/// inputs.
Value output_of(const ops::Op& op, const std::vector<const Value*>& inputs);

}  // namespace tilewright
