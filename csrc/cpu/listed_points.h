#pragma once

#include <cstdint>

#include "cpu/convolution.h"

namespace tilewright::cpu {

/// Words of a tap's weights: those around them are zeros.
struct WordRun {
    std::int32_t weights;  ///< words of weights before it
    std::int32_t words;
};

/// The runs that meet the map from some points. What the others would add is in the bias.
struct RunSet {
    const WordRun* runs;
    int count;
    const std::int32_t* bias;  ///< (padded output channels)
};

/// Points in blocks of equal numbers of them, with an input cell of its own for each run: no border is read.
struct ListedBlocks {
    int rows;
    int blocks;
    const std::int32_t* inputs;   ///< (blocks, runs of the block's set, rows) elements
    const std::int32_t* outputs;  ///< (blocks, rows) elements
    const std::int32_t* sets;     ///< (blocks): which runs serve it
    const std::int32_t* valid;    ///< (blocks): points in the block; the last is repeated
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
