#pragma once

#include <string>
#include <vector>

#include "core/plan.h"

namespace tilewright {

/// A step with weights and the steps that are fused into its epilogue, or a single other step.
struct Stage {
    const Step* step;                     ///< the first or only step
    const ops::Lookup* lookup = nullptr;  ///< a fused pointwise function
    const ops::Add* add = nullptr;        ///< a fused addition of another branch
    bool added_first = false;             ///< the other branch is input 0 of the addition, not 1
    ValueId added = 0;                    ///< the value of the other branch
    bool argmax = false;                  ///< scores with a fused argmax, which does not store the sums
    ValueId output = 0;                   ///< written by the last step
};

/// Returns the names of the ops, such as "conv2d + lookup + add".
std::string describe(const Stage& stage);

/// Fuses the plan's steps into stages, in order. A value between two steps of a stage is never stored, so no
/// other step may read it.
std::vector<Stage> fuse(const Plan& plan);

/// Returns one stage per step, so that every value is stored.
std::vector<Stage> unfused(const Plan& plan);

}  // namespace tilewright
