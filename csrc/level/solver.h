// Wave function collapse (Gumin 2016) on integers, with backtracking.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "level/cell_queue.h"
#include "level/constraint.h"
#include "level/entropy_table.h"
#include "level/wave.h"

namespace tilewright::level {

enum class Outcome {
    decided,
    unsatisfiable,  // proved: no map obeys the rules and constraints
    out_of_steps,
    out_of_time,  // or interrupted
};

struct Solution {
    Outcome outcome;
    std::vector<std::int32_t> tiles;  // (cells), if decided
    std::int64_t steps = 0;           // decisions that were made, including those that were taken back
    std::int64_t conflicts = 0;       // contradictions that the search met
    std::vector<std::string> names;   // constraints that took part in contradictions, if not decided
    bool by_adjacency = false;        // whether some contradiction came from the rules alone
};

class Solver {
  public:
    /// zones: (cells), the row of weights of each cell; empty for zone 0. Throws std::invalid_argument for
    /// sizes out of range. The arguments must outlive the solver.
    Solver(const Rules& rules, Grid grid, const std::vector<std::uint8_t>& zones,
           const std::vector<std::unique_ptr<Constraint>>& constraints);

    /// Decides every cell. Only `limits` may depend on time: a solve that ends before them is the same on
    /// every machine. max_steps: decisions; 0 finds only what follows from the constraints.
    Solution solve(std::uint64_t seed, std::int64_t max_steps, Limits& limits);

  private:
    class Search;

    const Rules& rules_;
    Grid grid_;
    const std::vector<std::uint8_t>& zones_;
    const std::vector<std::unique_ptr<Constraint>>& constraints_;
};

}  // namespace tilewright::level
