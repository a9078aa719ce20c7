#include "cpu/pointwise.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "ops/requantize.h"

namespace tilewright::cpu {
namespace {

/// The cells of a value as elements of type T.
template <typename T>
class Cells {
  public:
    Cells(const Operand& operand, int tiles)
        : data_(static_cast<T*>(operand.data)), layout_(operand.layout), tiles_(tiles) {}

    /// The channels of a cell (row-major number) of a tile.
    T* at(int cell, int tile) const {
        return data_ + std::ptrdiff_t{layout_->cell(cell / layout_->width, cell % layout_->width)} * tiles_ +
               tile * layout_->padded;
    }
    T* at(int y, int x, int tile) const {
        return data_ + std::ptrdiff_t{layout_->cell(y, x)} * tiles_ + tile * layout_->padded;
    }
    int count() const { return layout_->height * layout_->width; }
    int channels() const { return layout_->channels; }
    int tiles() const { return tiles_; }

  private:
    T* data_;
    const Layout* layout_;
    int tiles_;
};

/// Calls visit(cell, tile) for all points in memory order, or only for the requested ones, because others may
/// read data that has not been computed.
template <typename T, typename Visit>
void for_each(const Cells<T>& cells, const RequestedPoints* requested, const Visit& visit) {
    if (requested) {
        const auto tiles = static_cast<std::uint32_t>(cells.tiles());
        for (int i = 0; i < requested->point_count; ++i) {
            const auto point = static_cast<std::uint32_t>(requested->points[i]);
            visit(static_cast<int>(point / tiles), static_cast<int>(point % tiles));
        }
        return;
    }
    for (int cell = 0; cell < cells.count(); ++cell) {
        for (int tile = 0; tile < cells.tiles(); ++tile) {
            visit(cell, tile);
        }
    }
}

/// The ops; E is the type of an element.
template <typename E>
struct Run {
    const PointwiseCall& call;

    Cells<E> input(std::size_t i) const { return {call.inputs[i], call.tiles}; }
    Cells<E> output() const { return {call.output, call.tiles}; }

    /// Indices are bytes [tile][cell].
    std::uint8_t* index(const Operand& operand, int cell, int tile) const {
        return static_cast<std::uint8_t*>(operand.data) +
               static_cast<std::ptrdiff_t>(tile) * static_cast<std::ptrdiff_t>(operand.layout->elements()) +
               cell;
    }

    std::ptrdiff_t kind(int tile) const {
        return *Cells<const std::int32_t>{call.inputs[0], call.tiles}.at(0, tile);
    }

    void operator()(const ops::Embed& op) const {
        const Cells<E> y = output();
        for (int tile = 0; tile < call.tiles; ++tile) {
            const std::uint8_t* row = op.table.data() + kind(tile) * op.width;
            for (int cell = 0; cell < y.count(); ++cell) {
                std::copy_n(row + cell * y.channels(), y.channels(), y.at(cell, tile));
            }
        }
    }

    void operator()(const ops::EmbedCells& op) const {
        const Cells<E> y = output();
        for_each(y, call.requested, [&](int cell, int tile) {
            const std::size_t last = call.input_count - 1;
            const std::ptrdiff_t table = last == 0 ? 0 : kind(tile) * op.entries;
            const std::ptrdiff_t row = table + *index(call.inputs[last], cell, tile);
            std::copy_n(op.table.data() + row * op.channels, op.channels, y.at(cell, tile));
        });
    }

    void operator()(const ops::Concat&) const {
        const Cells<E> y = output();
        for (int tile = 0; tile < call.tiles; ++tile) {
            E* to = y.at(0, tile);
            for (std::size_t i = 0; i < call.input_count; ++i) {
                const Cells<E> x = input(i);
                for (int cell = 0; cell < x.count(); ++cell) {
                    to = std::copy_n(x.at(cell, tile), x.channels(), to);
                }
            }
        }
    }

    void operator()(const ops::Slice& op) const {
        const Cells<E> x = input(0);
        const Cells<E> y = output();
        for_each(y, call.requested, [&](int cell, int tile) {
            const E* from = x.at(0, tile) + op.first + cell;
            E* to = y.at(cell, tile);
            for (int c = 0; c < y.channels(); ++c) {
                to[c] = from[c * y.count()];
            }
        });
    }

    void operator()(const ops::Lookup& op) const {
        const Cells<E> x = input(0);
        const Cells<E> y = output();
        for_each(y, call.requested, [&](int cell, int tile) {
            const E* from = x.at(cell, tile);
            E* to = y.at(cell, tile);
            for (int c = 0; c < y.channels(); ++c) {
                to[c] = op.table[static_cast<std::uint8_t>(from[c])];  // any byte is a valid index
            }
        });
    }

    void operator()(const ops::Add& op) const {
        const Cells<E> a = input(0);
        const Cells<E> b = input(1);
        const Cells<E> y = output();
        for_each(y, call.requested, [&](int cell, int tile) {
            const E* left = a.at(cell, tile);
            const E* right = b.at(b.count() == 1 ? 0 : cell, tile);
            E* to = y.at(cell, tile);
            for (int c = 0; c < y.channels(); ++c) {
                const float from_a = static_cast<float>(left[c] - op.zero_a) * op.scale_a;
                const float from_b = static_cast<float>(right[c] - op.zero_b) * op.scale_b;
                to[c] = ops::to_byte(from_a + from_b, op.zero_out);
            }
        });
    }

    template <typename Score>
    void argmax() const {
        const Cells<Score> x{call.inputs[0], call.tiles};
        for_each(x, call.requested, [&](int cell, int tile) {
            const Score* scores = x.at(cell, tile);
            // max_element returns the first maximum, as the contract requires.
            *index(call.output, cell, tile) =
                static_cast<std::uint8_t>(std::max_element(scores, scores + x.channels()) - scores);
        });
    }

    void operator()(const ops::Argmax&) const {
        if (call.inputs[0].int32) {
            argmax<std::int32_t>();
        } else {
            argmax<E>();
        }
    }

    void operator()(const ops::Nearest&) const {
        const Cells<E> x = input(0);
        const Cells<E> palette = input(1);  // one cell: features
        const int channels = x.channels();
        const int colours = palette.channels() / channels;
        double work = 0;
        for_each(x, call.requested, [&](int cell, int tile) {
            work += colours * static_cast<double>(channels);
            if (work > kPieceOfWork) {
                if (requested(call.interrupt)) {
                    return;
                }
                work = 0;
            }
            const E* colour = x.at(cell, tile);
            const E* entry = palette.at(0, tile);
            std::int32_t least = std::numeric_limits<std::int32_t>::max();
            for (int k = 0; k < colours; ++k, entry += channels) {
                std::int32_t distance = 0;
                for (int c = 0; c < channels; ++c) {
                    const std::int32_t difference = colour[c] - entry[c];
                    distance += difference * difference;
                }
                if (distance < least) {
                    least = distance;
                    *index(call.output, cell, tile) = static_cast<std::uint8_t>(k);
                }
            }
        });
    }

    void operator()(const ops::MaxPool&) const {
        const Cells<E> x = input(0);
        const Cells<E> y = output();
        const int width = call.output.layout->width;
        for_each(y, call.requested, [&](int cell, int tile) {
            const int top = cell / width * 2;
            const int left = cell % width * 2;
            const E* a = x.at(top, left, tile);
            const E* b = x.at(top, left + 1, tile);
            const E* c = x.at(top + 1, left, tile);
            const E* d = x.at(top + 1, left + 1, tile);
            E* to = y.at(cell, tile);
            for (int k = 0; k < y.channels(); ++k) {
                to[k] = std::max(std::max(a[k], b[k]), std::max(c[k], d[k]));
            }
        });
    }

    void operator()(const ops::Mean& op) const {
        constexpr int kAtOnce = 64;  // channels whose sums are kept
        const Cells<E> x = input(0);
        const Cells<E> y = output();
        for (int tile = 0; tile < call.tiles; ++tile) {
            for (int first = 0; first < x.channels(); first += kAtOnce) {
                const int count = std::min(kAtOnce, x.channels() - first);
                std::int32_t sums[kAtOnce];
                std::fill_n(sums, count, -x.count() * op.zero_in);
                for (int cell = 0; cell < x.count(); ++cell) {
                    const E* from = x.at(cell, tile) + first;
                    for (int k = 0; k < count; ++k) {
                        sums[k] += from[k];
                    }
                }
                E* to = y.at(0, tile) + first;
                for (int k = 0; k < count; ++k) {
                    to[k] = ops::requantize(sums[k], op.multiplier, op.zero_out);
                }
            }
        }
    }
};

int wrapped(int position, int length) {
    const int remainder = position % length;
    return remainder < 0 ? remainder + length : remainder;
}

template <typename E>
void fill(const Operand& map, int tiles, const ops::Axes& reach, bool wraps, std::uint8_t zero) {
    const Layout& layout = *map.layout;
    const Cells<E> cells{map, tiles};
    const int run = tiles * layout.padded;
    const auto fill_cells = [&](int y, int first, int last) {
        if (wraps) {
            for (int x = first; x < last; ++x) {
                std::copy_n(cells.at(wrapped(y, layout.height), wrapped(x, layout.width), 0), run,
                            cells.at(y, x, 0));
            }
        } else {
            std::fill_n(cells.at(y, first, 0), static_cast<std::ptrdiff_t>(last - first) * run,
                        static_cast<E>(zero));
        }
    };
    for (int y = -reach.y; y < layout.height + reach.y; ++y) {
        if (y < 0 || y >= layout.height) {
            fill_cells(y, -reach.x, layout.width + reach.x);
        } else {
            fill_cells(y, -reach.x, 0);
            fill_cells(y, layout.width, layout.width + reach.x);
        }
    }
}

/// From elements of type F to elements of type E.
template <typename F, typename E>
void spread_as(const std::uint8_t* from, std::size_t stride, const Operand& to, int tiles) {
    const Cells<E> cells{to, tiles};
    for_each(cells, nullptr, [&](int cell, int tile) {
        const std::uint8_t* const first = from + static_cast<std::size_t>(tile) * stride +
                                          static_cast<std::size_t>(cell) * cells.channels() * sizeof(F);
        if constexpr (sizeof(F) == sizeof(E)) {
            std::memcpy(cells.at(cell, tile), first, cells.channels() * sizeof(E));
        } else {
            std::copy_n(first, cells.channels(), cells.at(cell, tile));
        }
    });
}

template <typename E>
void collect_as(const Operand& from, int tile, int tiles, std::uint8_t* to) {
    const Cells<E> cells{from, tiles};
    for (int cell = 0; cell < cells.count(); ++cell, to += cells.channels()) {
        const E* values = cells.at(cell, tile);
        for (int c = 0; c < cells.channels(); ++c) {
            to[c] = static_cast<std::uint8_t>(values[c]);
        }
    }
}

}  // namespace

void run_pointwise(const ops::Op& op, const PointwiseCall& call, int element_bytes) {
    if (element_bytes == 1) {
        ops::visit_pointwise(op, Run<std::uint8_t>{call});
    } else {
        ops::visit_pointwise(op, Run<std::int16_t>{call});
    }
}

void fill_border(const Operand& map, int tiles, const ops::Axes& reach, bool wraps, std::uint8_t zero,
                 int element_bytes) {
    if (element_bytes == 1) {
        fill<std::uint8_t>(map, tiles, reach, wraps, zero);
    } else {
        fill<std::int16_t>(map, tiles, reach, wraps, zero);
    }
}

void spread(const std::uint8_t* from, std::size_t stride, const Operand& to, int tiles, int element_bytes) {
    if (to.layout->indices) {
        for (int tile = 0; tile < tiles; ++tile) {
            std::memcpy(
                static_cast<std::uint8_t*>(to.data) + static_cast<std::size_t>(tile) * to.layout->elements(),
                from + static_cast<std::size_t>(tile) * stride, to.layout->elements());
        }
    } else if (to.int32) {
        spread_as<std::int32_t, std::int32_t>(from, stride, to, tiles);
    } else if (element_bytes == 1) {
        spread_as<std::uint8_t, std::uint8_t>(from, stride, to, tiles);
    } else {
        spread_as<std::uint8_t, std::int16_t>(from, stride, to, tiles);
    }
}

void collect(const Operand& from, int tile, int tiles, int element_bytes, std::uint8_t* to) {
    if (from.layout->plain()) {
        std::memcpy(to,
                    static_cast<const std::uint8_t*>(from.data) +
                        static_cast<std::size_t>(tile) * from.layout->elements(),
                    from.layout->elements());
    } else if (from.int32) {
        const Cells<std::int32_t> cells{from, tiles};
        const std::size_t row = static_cast<std::size_t>(cells.channels()) * sizeof(std::int32_t);
        for (int cell = 0; cell < cells.count(); ++cell, to += row) {
            std::memcpy(to, cells.at(cell, tile), row);
        }
    } else if (element_bytes == 1) {
        collect_as<std::uint8_t>(from, tile, tiles, to);
    } else {
        collect_as<std::int16_t>(from, tile, tiles, to);
    }
}

}  // namespace tilewright::cpu
