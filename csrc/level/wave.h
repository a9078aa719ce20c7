// The possible tiles of every cell, reduced by adjacency (arc consistency), with a trail to go back.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "level/constraint.h"
#include "level/grid.h"
#include "level/limits.h"
#include "level/rules.h"

namespace tilewright::level {

class Wave {
  public:
    /// All tiles are possible in all cells. The arguments must outlive the wave.
    Wave(const Rules& rules, Grid grid, Limits& limits,
         const std::vector<std::unique_ptr<Constraint>>& constraints);

    const Grid& grid() const { return grid_; }
    const Rules& rules() const { return rules_; }
    int cells() const { return cells_; }
    int words() const { return words_; }
    const Word* domain(int cell) const { return &domains_[static_cast<std::size_t>(cell) * words_]; }
    /// The number of possible tiles.
    int size(int cell) const { return sizes_[cell]; }

    /// Excludes all tiles but those of `set` from a cell. Returns false if none is left, and when a limit was
    /// reached.
    bool keep(int cell, const Word* set);
    /// Excludes what has no possible neighbour. Returns false at a contradiction, and when a limit was
    /// reached.
    bool propagate();
    /// For loops that neither propagate nor keep.
    bool limit_reached() const { return limits_.reached(); }
    /// Whether `propagate` has work.
    bool pending() const { return queued_ > 0; }

    /// Begins a level of the trail.
    void push();
    /// Restores what the last level changed, and ends it.
    void pop();

    /// Calls visit(cell) for each cell that changed since the last call. Initially these are all cells.
    template <typename Visit>
    void take_changes(const Visit& visit) {
        for (const std::int32_t cell : touched_) {
            is_touched_[cell] = 0;
            visit(cell);
        }
        touched_.clear();
    }

  private:
    template <int W>
    bool propagate_words();
    /// Replaces the domain of a cell by a smaller one. Returns false if it is empty.
    template <int W>
    bool set(int cell, const Word* domain);
    void tell(int cell, const Word* before, const Word* after);
    void touch(int cell);
    void enqueue(int cell);

    const Rules& rules_;
    Grid grid_;
    Limits& limits_;
    const std::vector<std::unique_ptr<Constraint>>& constraints_;
    int cells_, words_;
    std::vector<Word> domains_;        // (cells, words)
    std::vector<std::int16_t> sizes_;  // (cells)

    // Cells whose neighbours must be looked at: a ring without duplicates.
    std::vector<std::int32_t> queue_;
    std::vector<std::uint8_t> is_queued_;
    int head_ = 0, queued_ = 0;

    std::vector<std::int32_t> touched_;
    std::vector<std::uint8_t> is_touched_;

    // The trail: for each level, the domains that it changed, as they were when it began.
    std::vector<std::int32_t> trail_cells_;
    std::vector<Word> trail_domains_;
    std::vector<std::size_t> level_begin_;
    std::vector<std::uint32_t> saved_in_;  // (cells): the number of the level that saved the cell last
    std::vector<std::uint32_t> level_number_;
    std::uint32_t levels_made_ = 0;
};

}  // namespace tilewright::level
