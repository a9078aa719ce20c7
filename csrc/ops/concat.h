#pragma once

namespace tilewright::ops {

/// concat: concatenates feature vectors.
///   y = the bytes of inputs[0], those of inputs[1], ...
/// inputs: 1 to 16 of any shape. y: uint8 (bytes of all inputs).
struct Concat {
    static constexpr const char* kName = "concat";
};

}  // namespace tilewright::ops
