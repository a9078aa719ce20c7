#include "level/wave.h"

#include <algorithm>
#include <numeric>

namespace tilewright::level {

Wave::Wave(const Rules& rules, Grid grid, Limits& limits,
           const std::vector<std::unique_ptr<Constraint>>& constraints)
    : rules_(rules),
      grid_(grid),
      limits_(limits),
      constraints_(constraints),
      cells_(static_cast<int>(grid.cells())),
      words_(rules.words()),
      sizes_(cells_, static_cast<std::int16_t>(rules.tiles())),
      queue_(cells_),
      is_queued_(cells_, 1),
      queued_(cells_),
      touched_(cells_),
      is_touched_(cells_, 1),
      saved_in_(cells_, 0) {
    domains_.reserve(static_cast<std::size_t>(cells_) * words_);
    for (int cell = 0; cell < cells_ && !limits_.reached(); ++cell) {
        domains_.insert(domains_.end(), rules.all().begin(), rules.all().end());
    }
    domains_.resize(static_cast<std::size_t>(cells_) * words_);
    std::iota(queue_.begin(), queue_.end(), 0);
    std::iota(touched_.begin(), touched_.end(), 0);
}

void Wave::touch(int cell) {
    if (is_touched_[cell]) {
        return;
    }
    is_touched_[cell] = 1;
    touched_.push_back(cell);
}

void Wave::enqueue(int cell) {
    if (is_queued_[cell]) {
        return;
    }
    is_queued_[cell] = 1;
    const int place = head_ + queued_;
    queue_[place < cells_ ? place : place - cells_] = cell;
    ++queued_;
}

void Wave::tell(int cell, const Word* before, const Word* after) {
    for (const auto& constraint : constraints_) {
        constraint->changed(cell, before, after);
    }
}

template <int W>
bool Wave::set(int cell, const Word* domain) {
    const int words = W ? W : words_;
    Word* own = &domains_[static_cast<std::size_t>(cell) * words];
    if (!level_number_.empty() && saved_in_[cell] != level_number_.back()) {
        saved_in_[cell] = level_number_.back();
        trail_cells_.push_back(cell);
        trail_domains_.insert(trail_domains_.end(), own, own + words);
    }
    if (!constraints_.empty()) {
        tell(cell, own, domain);
    }
    for (int word = 0; word < words; ++word) {
        own[word] = domain[word];
    }
    sizes_[cell] = static_cast<std::int16_t>(size_of(own, words));
    touch(cell);
    enqueue(cell);
    return sizes_[cell] > 0;
}

bool Wave::keep(int cell, const Word* set_of_tiles) {
    if (limits_.reached()) {
        return false;
    }
    Word reduced[words_for(kMaxTiles)];
    const Word* own = domain(cell);
    bool smaller = false;
    for (int word = 0; word < words_; ++word) {
        reduced[word] = own[word] & set_of_tiles[word];
        smaller |= reduced[word] != own[word];
    }
    return !smaller || set<0>(cell, reduced);
}

bool Wave::propagate() {
    switch (words_) {
        case 1:
            return propagate_words<1>();
        case 2:
            return propagate_words<2>();
        case 4:
            return propagate_words<4>();
        case 8:
            return propagate_words<8>();
        default:
            return propagate_words<0>();
    }
}

template <int W>
bool Wave::propagate_words() {
    Word reduced[W ? W : words_for(kMaxTiles)];
    while (queued_ > 0) {
        if (limits_.reached()) {
            return false;
        }
        const int cell = queue_[head_];
        if (++head_ == cells_) {
            head_ = 0;
        }
        --queued_;
        is_queued_[cell] = 0;
        const int row = cell / grid_.width, column = cell - row * grid_.width;
        for (int direction = 0; direction < kDirections; ++direction) {
            const int next = grid_.at(row + kRowStep[direction], column + kColumnStep[direction]);
            if (next < 0) {
                continue;
            }
            if (rules_.reduce<W>(direction, domain(cell), domain(next), reduced) && !set<W>(next, reduced)) {
                return false;
            }
        }
    }
    return true;
}

void Wave::push() {
    level_begin_.push_back(trail_cells_.size());
    level_number_.push_back(++levels_made_);
}

void Wave::pop() {
    for (std::size_t i = trail_cells_.size(); i-- > level_begin_.back();) {
        const int cell = trail_cells_[i];
        const Word* before = &trail_domains_[i * words_];
        Word* own = &domains_[static_cast<std::size_t>(cell) * words_];
        if (!constraints_.empty()) {
            tell(cell, own, before);
        }
        std::copy(before, before + words_, own);
        sizes_[cell] = static_cast<std::int16_t>(size_of(own, words_));
        touch(cell);
    }
    trail_cells_.resize(level_begin_.back());
    trail_domains_.resize(level_begin_.back() * words_);
    level_begin_.pop_back();
    level_number_.pop_back();
    // A contradiction leaves cells in the queue; the restored wave has no work.
    for (; queued_ > 0; --queued_) {
        is_queued_[queue_[head_]] = 0;
        if (++head_ == cells_) {
            head_ = 0;
        }
    }
}

}  // namespace tilewright::level
