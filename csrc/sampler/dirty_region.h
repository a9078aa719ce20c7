#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sampler/cell_rows.h"
#include "sampler/dependences.h"

namespace tilewright {

/// The cells of a step network's maps that an evaluation must recompute after a change of the picture: dirty
/// cells, which depend on a change made after they were computed, and on which the requested scores depend.
/// No other cell affects those scores. Stages that do not depend on the picture have no dirty cells.
///
/// The sets of cells (CellRows) are stored in memory of the caller.
class DirtyRegion {
  public:
    /// stages: in order of execution, at least one; the last computes the scores.
    DirtyRegion(std::vector<Dependence> stages, int height, int width);

    /// uint64 of the caller's memory: two sets per stage.
    std::size_t words() const { return 2 * stages_.size() * map_.size(); }

    /// uint64 of one set.
    std::size_t set_words() const { return map_.size(); }

    const CellRows& map() const { return map_; }

    const Dependence& dependence(std::size_t stage) const { return stages_[stage]; }

    /// Marks all cells of all stages as dirty.
    void mark_all(std::uint64_t* memory) const;

    /// Marks everything that depends on `cells` of the picture as dirty.
    void mark(const std::uint64_t* cells, std::uint64_t* memory) const;

    /// Determines what must be computed for `cells` of the last stage, and marks it as clean.
    void request(const std::uint64_t* cells, std::uint64_t* memory) const;

    /// Returns the cells of a stage that the last request determined.
    const std::uint64_t* requested(std::size_t stage, const std::uint64_t* memory) const;

    /// Writes the row-major numbers of a set of cells, ascending. Returns their number.
    int list(const std::uint64_t* cells, std::int32_t* numbers) const;

  private:
    std::size_t dirty_at(std::size_t stage) const { return 2 * stage * set_words(); }
    std::size_t requested_at(std::size_t stage) const { return dirty_at(stage) + set_words(); }

    std::vector<Dependence> stages_;
    CellRows map_;
};

}  // namespace tilewright
