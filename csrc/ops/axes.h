#pragma once

namespace tilewright::ops {

/// A number for each axis of a map.
struct Axes {
    int y = 0;
    int x = 0;
};

}  // namespace tilewright::ops
