#pragma once

#include <cstdint>

#include "cpu/convolution.h"

namespace tilewright::cpu {

/// Words of a tap's weights; the words around them are zeros.
struct WordRun {
    std::int32_t weights;  ///< words of weights before it
    std::int32_t words;
};

/// The runs inside the map for some points. The bias includes the others.
struct RunSet {
    const WordRun* runs;
    int count;
    const std::int32_t* bias;  ///< (padded output channels)
};

/// Points in blocks of equal size, with an input cell for each run, so no border is read.
struct ListedBlocks {
    int rows;
    int blocks;
    const std::int32_t* inputs;   ///< (blocks, runs of the block's set, rows) elements
    const std::int32_t* outputs;  ///< (blocks, rows) elements
    const std::int32_t* sets;     ///< (blocks): run set of the block
    const std::int32_t* valid;    ///< (blocks): points in the block; the last one is repeated
};

/// All points of a call.
struct ListedPoints {
    const RunSet* sets;
    struct {
        const ListedBlocks* blocks;
        int count;
    } by_vectors[kMostVectors];  ///< for groups of 1, 2, ... registers
};

}  // namespace tilewright::cpu
