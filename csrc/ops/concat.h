#pragma once

#include <cstddef>
#include <vector>

namespace tilewright::ops {

/// concat: concatenates feature vectors.
///   y = inputs[0] bytes, inputs[1] bytes, ...
/// y: uint8 (sum of sizes).
struct Concat {
    static constexpr const char* kName = "concat";
    std::vector<std::size_t> sizes;  ///< bytes of each input
};

}  // namespace tilewright::ops
