// A priority queue of undecided cells, smallest key first: a binary heap that stores the position of each
// cell.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace tilewright::level {

class CellQueue {
  public:
    explicit CellQueue(int cells) : heap_(cells), place_(cells, kAbsent), key_(cells, 0) {}

    bool empty() const { return size_ == 0; }
    int size() const { return size_; }
    int least() const { return heap_[0]; }

    /// Inserts a cell or updates its key.
    void set(int cell, std::int64_t key) {
        key_[cell] = key;
        if (place_[cell] == kAbsent) {
            put(size_, cell);
            ++size_;
        }
        sift_down(sift_up(place_[cell]));
    }

    void remove(int cell) {
        const int hole = place_[cell];
        if (hole == kAbsent) {
            return;
        }
        place_[cell] = kAbsent;
        --size_;
        if (hole == size_) {
            return;
        }
        put(hole, heap_[size_]);
        sift_down(sift_up(hole));
    }

  private:
    static constexpr int kAbsent = -1;

    /// Equal keys are ordered by cell number, so the order is total and independent of the heap's history.
    bool before(int a, int b) const { return std::pair(key_[a], a) < std::pair(key_[b], b); }

    void put(int place, int cell) {
        heap_[place] = cell;
        place_[cell] = place;
    }

    int sift_up(int place) {
        const int cell = heap_[place];
        while (place > 0 && before(cell, heap_[(place - 1) / 2])) {
            put(place, heap_[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        put(place, cell);
        return place;
    }

    void sift_down(int place) {
        const int cell = heap_[place];
        for (int child = 2 * place + 1; child < size_; child = 2 * place + 1) {
            if (child + 1 < size_ && before(heap_[child + 1], heap_[child])) {
                ++child;
            }
            if (!before(heap_[child], cell)) {
                break;
            }
            put(place, heap_[child]);
            place = child;
        }
        put(place, cell);
    }

    std::vector<int> heap_, place_;
    std::vector<std::int64_t> key_;
    int size_ = 0;
};

}  // namespace tilewright::level
