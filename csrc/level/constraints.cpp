#include "level/constraints.h"

#include <algorithm>
#include <utility>

namespace tilewright::level {

Allow::Allow(std::string name, TileSet tiles, std::vector<std::int32_t> cells)
    : Constraint(std::move(name)), tiles_(std::move(tiles)), cells_(std::move(cells)) {}

void Allow::begin(const Wave& /*wave*/) { done_ = false; }

bool Allow::enforce(Wave& wave) {
    if (done_) {
        return true;
    }
    done_ = true;
    for (const std::int32_t cell : cells_) {
        if (!wave.keep(cell, tiles_.data())) {
            return false;
        }
    }
    return true;
}

Count::Count(std::string name, TileSet tiles, int tile_count, std::int64_t least, std::int64_t most)
    : Constraint(std::move(name)),
      tiles_(std::move(tiles)),
      others_(complement(tiles_, tile_count)),
      least_(least),
      most_(most) {}

void Count::begin(const Wave& wave) {
    words_ = wave.words();
    must_ = must(wave.rules().all().data()) ? wave.cells() : 0;
    may_ = may(wave.rules().all().data()) ? wave.cells() : 0;
}

void Count::changed(int /*cell*/, const Word* before, const Word* after) {
    must_ += must(after) - must(before);
    may_ += may(after) - may(before);
}

bool Count::enforce(Wave& wave) {
    if (may_ < least_ || must_ > most_) {
        return false;
    }
    if (may_ == must_ || (may_ > least_ && must_ < most_)) {
        return true;
    }
    const bool take = may_ == least_;  // all cells that may have the tiles must, or no further cell may
    for (int cell = 0; cell < wave.cells(); ++cell) {
        const Word* domain = wave.domain(cell);
        if (may(domain) && !must(domain) && !wave.keep(cell, take ? tiles_.data() : others_.data())) {
            return false;
        }
    }
    return true;
}

Separation::Separation(std::string name, TileSet tiles, int tile_count, int distance)
    : Constraint(std::move(name)),
      tiles_(std::move(tiles)),
      others_(complement(tiles_, tile_count)),
      distance_(distance) {}

void Separation::begin(const Wave& wave) {
    words_ = wave.words();
    decided_.clear();
    if (within(wave.rules().all().data(), tiles_.data(), words_)) {
        for (int cell = 0; cell < wave.cells(); ++cell) {
            decided_.push_back(cell);
        }
    }
}

void Separation::changed(int cell, const Word* before, const Word* after) {
    if (within(after, tiles_.data(), words_) && !within(before, tiles_.data(), words_)) {
        decided_.push_back(cell);
    }
}

bool Separation::enforce(Wave& wave) {
    const Grid& grid = wave.grid();
    // On a periodic grid a window as large as the grid covers it once.
    const int up = std::min(distance_ - 1, grid.periodic ? (grid.height - 1) / 2 : grid.height - 1);
    const int down = std::min(distance_ - 1, grid.periodic ? grid.height / 2 : grid.height - 1);
    const int left = std::min(distance_ - 1, grid.periodic ? (grid.width - 1) / 2 : grid.width - 1);
    const int right = std::min(distance_ - 1, grid.periodic ? grid.width / 2 : grid.width - 1);
    while (!decided_.empty()) {
        const int cell = decided_.back();
        decided_.pop_back();
        // The search may have gone back since.
        if (!within(wave.domain(cell), tiles_.data(), words_)) {
            continue;
        }
        const int row = cell / grid.width, column = cell % grid.width;
        for (int r = row - up; r <= row + down; ++r) {
            for (int c = column - left; c <= column + right; ++c) {
                const int other = grid.at(r, c);
                if (other >= 0 && other != cell && !wave.keep(other, others_.data())) {
                    return false;
                }
            }
        }
    }
    return true;
}

Never::Never(std::string name, std::vector<TileSet> pattern, int tile_count, int height, int width)
    : Constraint(std::move(name)), pattern_(std::move(pattern)), height_(height), width_(width) {
    for (const TileSet& set : pattern_) {
        others_.push_back(complement(set, tile_count));
    }
}

void Never::begin(const Wave& wave) {
    changed_.resize(wave.cells());
    for (int cell = 0; cell < wave.cells(); ++cell) {
        changed_[cell] = cell;
    }
}

void Never::changed(int cell, const Word* /*before*/, const Word* /*after*/) { changed_.push_back(cell); }

bool Never::enforce(Wave& wave) {
    const Grid& grid = wave.grid();
    while (!changed_.empty()) {
        if (wave.limit_reached()) {
            return false;
        }
        const int cell = changed_.back();
        changed_.pop_back();
        const int row = cell / grid.width, column = cell % grid.width;
        for (int r = 0; r < height_; ++r) {
            for (int c = 0; c < width_; ++c) {
                if (!enforce_at(wave, row - r, column - c)) {
                    return false;
                }
            }
        }
    }
    return true;
}

// The pattern with its top left corner at a row and column: if all cells but one match, that one must not.
bool Never::enforce_at(Wave& wave, int row, int column) {
    int open = -1;  // the number of the one place that may differ
    for (int place = 0; place < height_ * width_; ++place) {
        const int cell = wave.grid().at(row + place / width_, column + place % width_);
        if (cell < 0) {
            return true;
        }
        if (within(wave.domain(cell), pattern_[place].data(), wave.words())) {
            continue;
        }
        if (open >= 0) {
            return true;
        }
        open = place;
    }
    if (open < 0) {
        return false;
    }
    return wave.keep(wave.grid().at(row + open / width_, column + open % width_), others_[open].data());
}

Connected::Connected(std::string name, TileSet tiles, int tile_count, std::vector<std::int32_t> cells)
    : Constraint(std::move(name)),
      tiles_(std::move(tiles)),
      others_(complement(tiles_, tile_count)),
      cells_(std::move(cells)) {}

void Connected::begin(const Wave& wave) {
    words_ = wave.words();
    is_stale_ = true;
    is_terminal_.assign(wave.cells(), 0);
    for (std::vector<std::int32_t>* array : {&order_, &low_, &parent_, &below_}) {
        array->resize(wave.cells());
    }
    direction_.resize(wave.cells());
}

void Connected::changed(int /*cell*/, const Word* before, const Word* after) {
    is_stale_ =
        is_stale_ || meet(before, tiles_.data(), words_) != meet(after, tiles_.data(), words_) ||
        (cells_.empty() && within(before, tiles_.data(), words_) != within(after, tiles_.data(), words_));
}

bool Connected::enforce(Wave& wave) {
    if (!is_stale_) {
        return true;
    }
    for (const std::int32_t cell : cells_) {
        if (!wave.keep(cell, tiles_.data())) {
            return false;
        }
    }
    const bool possible = enforce_terminals(wave);
    is_stale_ = false;
    return possible;
}

bool Connected::enforce_terminals(Wave& wave) {
    int terminals = 0, root = -1;
    const auto add = [&](int cell) {
        terminals += !is_terminal_[cell];
        is_terminal_[cell] = 1;
        root = cell;
    };
    std::fill(is_terminal_.begin(), is_terminal_.end(), std::uint8_t{0});
    for (const std::int32_t cell : cells_) {
        add(cell);
    }
    if (cells_.empty()) {
        for (int cell = 0; cell < wave.cells(); ++cell) {
            if (within(wave.domain(cell), tiles_.data(), words_)) {
                add(cell);
            }
        }
    }
    if (root < 0) {
        return true;
    }
    search(wave, root);
    if (below_[root] != terminals) {
        return false;
    }
    for (int cell = 0; cell < wave.cells(); ++cell) {
        if (needed_[cell] && !wave.keep(cell, tiles_.data())) {
            return false;
        }
        if (cells_.empty() && order_[cell] < 0 && !wave.keep(cell, others_.data())) {
            return false;
        }
    }
    return true;
}

void Connected::search(const Wave& wave, int root) {
    const Grid& grid = wave.grid();
    std::fill(order_.begin(), order_.end(), -1);
    needed_.assign(wave.cells(), 0);
    stack_.clear();
    int reached = 0;
    const auto enter = [&](int cell, int from) {
        order_[cell] = low_[cell] = reached++;
        parent_[cell] = from;
        below_[cell] = is_terminal_[cell];
        direction_[cell] = 0;
        stack_.push_back(cell);
    };
    enter(root, -1);
    while (!stack_.empty() && !wave.limit_reached()) {
        const int cell = stack_.back();
        if (direction_[cell] < kDirections) {
            const int direction = direction_[cell]++;
            const int next =
                grid.at(cell / grid.width + kRowStep[direction], cell % grid.width + kColumnStep[direction]);
            if (next < 0 || !meet(wave.domain(next), tiles_.data(), words_)) {
                continue;
            }
            if (order_[next] < 0) {
                enter(next, cell);
            } else if (next != parent_[cell]) {
                low_[cell] = std::min(low_[cell], order_[next]);
            }
            continue;
        }
        stack_.pop_back();
        const int from = parent_[cell];
        if (from < 0) {
            continue;
        }
        low_[from] = std::min(low_[from], low_[cell]);
        below_[from] += below_[cell];
        // Without `from`, the terminals below this cell cannot reach the root, which is a terminal.
        if (below_[cell] > 0 && low_[cell] >= order_[from]) {
            needed_[from] = 1;
        }
    }
}

}  // namespace tilewright::level
