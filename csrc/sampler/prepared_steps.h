#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "sampler/dependences.h"
#include "sampler/wavefronts.h"

namespace tilewright {

/// The cells that each evaluation of an autoregressive sampler computes per stage. They are equal for all
/// pictures, so they are determined once.
class PreparedSteps {
  public:
    /// groups: the cells that the evaluations fix. Returns nothing for a network that recomputes cells, or if
    /// the lists would take too much memory.
    static std::optional<PreparedSteps> find(const std::vector<Dependence>& stages,
                                             const std::vector<CellGroup>& groups, int height, int width);

    std::size_t step_count() const { return cells_.size() / stage_count_; }

    /// Returns the cells of a stage that an evaluation computes, ascending; empty for a stage that does not
    /// depend on the picture.
    const CellGroup& cells(std::size_t step, std::size_t stage) const {
        return cells_[step * stage_count_ + stage];
    }

    /// Whether evaluations read cells of a stage that earlier ones computed.
    bool outlasts(std::size_t stage) const { return outlasts_[stage]; }

  private:
    PreparedSteps(const std::vector<Dependence>& stages, std::vector<CellGroup> cells, int height, int width);

    std::size_t stage_count_;
    std::vector<CellGroup> cells_;  ///< (steps, stages)
    std::vector<bool> outlasts_;    ///< (stages)
};

}  // namespace tilewright
