#pragma once

#include <string>
#include <vector>

#include "core/plan.h"

namespace tilewright {

/// A step with weights and the steps after it that can be applied to its sums while they are still in
/// registers; or any other step alone.
struct Stage {
    const Step* step;                     ///< the first, or the only one
    const ops::Lookup* lookup = nullptr;  ///< then a pointwise function
    const ops::Add* add = nullptr;        ///< then another branch is added
    bool added_first = false;             ///< that branch is input 0 of the add, not 1
    ValueId added = 0;                    ///< its value
    bool argmax = false;                  ///< scores: then argmax, instead of keeping the sums
    ValueId output = 0;                   ///< what the last step writes
};

/// "conv2d + lookup + add".
std::string describe(const Stage& stage);

/// The plan's steps in order, gathered into stages. A value between two steps of a stage is never stored, so
/// nothing else may read it.
std::vector<Stage> fuse(const Plan& plan);

/// One stage per step, for those who want to see every value.
std::vector<Stage> unfused(const Plan& plan);

}  // namespace tilewright
