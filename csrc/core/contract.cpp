#include "core/contract.h"

#include <limits>
#include <stdexcept>

#include "core/check_plan.h"

namespace tilewright {
namespace {

using Shape = std::vector<std::int64_t>;

constexpr std::int64_t kMostIndices = 256;
constexpr std::int64_t kMostNearestChannels = std::numeric_limits<std::int32_t>::max() / (255 * 255);
constexpr std::int64_t kMostMeanCells = std::numeric_limits<std::int32_t>::max() / 255;

void require(bool condition, const std::string& reason) {
    if (!condition) {
        throw std::invalid_argument(reason);
    }
}

void require_range(std::int64_t value, std::int64_t low, std::int64_t high, const std::string& name) {
    require(value >= low && value <= high, name + " must be " + std::to_string(low) + " to " +
                                               std::to_string(high) + ", not " + std::to_string(value));
}

/// One contract per op.
class Contract {
  public:
    explicit Contract(const std::vector<const Value*>& inputs) : inputs_(inputs) {}

    Value operator()(const ops::Embed& op) const {
        read({Holds::kKind});
        return {{op.width}};
    }

    Value operator()(const ops::EmbedCells& op) const {
        const std::size_t cells =
            inputs_.size() == 1 ? 0 : 1;  // the kind precedes the indices, or is missing
        read(cells == 0 ? std::vector<Holds>{Holds::kIndices}
                        : std::vector<Holds>{Holds::kKind, Holds::kIndices});
        require_axes(cells, 2, "(height, width)");
        return {{shape(cells)[0], shape(cells)[1], op.channels}};
    }

    Value operator()(const ops::Concat&) const {
        require_range(static_cast<std::int64_t>(inputs_.size()), 1, kMaxInputs, "the number of inputs");
        read(std::vector<Holds>(inputs_.size(), Holds::kFeatures));
        std::int64_t total = 0;
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
            total += elements(i);
        }
        return {{total}};
    }

    Value operator()(const ops::Slice& op) const {
        read({Holds::kFeatures});
        require_axes(0, 1, "features");
        require(op.shape.size() == 1 || op.shape.size() == 3,
                "the output must be features or a map, not " + to_text(op.shape));
        const std::int64_t left = elements(0) - elements_of({op.shape}, "the output");
        require(left >= 0, "the output must hold no more elements than the input");
        require_range(op.first, 0, left, "first");
        return {op.shape};
    }

    Value operator()(const ops::Dense& op) const {
        read({Holds::kFeatures});
        require_elements(elements(0), op.inputs, role(0));
        require(op.shape.size() >= 1 && op.shape.size() <= 3,
                "the output must have 1 to 3 axes, not " + std::to_string(op.shape.size()));
        require_elements(elements_of({op.shape}, "the output"), op.outputs, "the output");
        return {op.shape};
    }

    Value operator()(const ops::Conv2d& op) const { return convolve(op.convolution, Holds::kFeatures); }

    Value operator()(const ops::Scores& op) const { return convolve(op.convolution, Holds::kSums); }

    Value operator()(const ops::ConvTranspose2d& op) const {
        read({Holds::kFeatures});
        require_map(op.in_channels);
        return {{2 * shape(0)[0], 2 * shape(0)[1], op.out_channels}};
    }

    Value operator()(const ops::Argmax&) const {
        const bool sums = inputs_.size() == 1 && inputs_[0]->holds == Holds::kSums;
        read({sums ? Holds::kSums : Holds::kFeatures});
        require_axes(0, 3, "(height, width, channels)");
        require_range(shape(0)[2], 1, kMostIndices, "the number of channels");
        return {{shape(0)[0], shape(0)[1]}, Holds::kIndices};
    }

    Value operator()(const ops::Lookup&) const {
        read({Holds::kFeatures});
        return {shape(0)};
    }

    Value operator()(const ops::Add&) const {
        read({Holds::kFeatures, Holds::kFeatures});
        const bool is_map = shape(0).size() == 3;
        if (!is_map || shape(1) != Shape{1, 1, shape(0)[2]}) {  // which is added to every cell
            require_shape(1, shape(0));
        }
        return {shape(0)};
    }

    Value operator()(const ops::Nearest&) const {
        read({Holds::kFeatures, Holds::kFeatures});
        require_axes(0, 3, "(height, width, channels)");
        require_axes(1, 2, "(colours, channels)");
        require_range(shape(1)[0], 1, kMostIndices, "the number of colours");
        require_range(shape(1)[1], 1, kMostNearestChannels, "the number of channels");
        require_map(shape(1)[1]);
        return {{shape(0)[0], shape(0)[1]}, Holds::kIndices};
    }

    Value operator()(const ops::MaxPool&) const {
        read({Holds::kFeatures});
        require_axes(0, 3, "(height, width, channels)");
        require(shape(0)[0] >= 2 && shape(0)[1] >= 2,
                role(0) + " must have at least 2 rows and columns, not " + to_text(shape(0)));
        return {{shape(0)[0] / 2, shape(0)[1] / 2, shape(0)[2]}};
    }

    Value operator()(const ops::Mean&) const {
        read({Holds::kFeatures});
        require_axes(0, 3, "(height, width, channels)");
        require_range(elements(0) / shape(0)[2], 1, kMostMeanCells, "the number of cells");
        return {{shape(0)[2]}};
    }

  private:
    Value convolve(const ops::Convolution& op, Holds holds) const {
        read({Holds::kFeatures});
        require_map(op.in_channels);
        return {{shape(0)[0], shape(0)[1], op.out_channels}, holds};
    }

    /// Checks the number of inputs, their sizes, and what they hold.
    void read(const std::vector<Holds>& expected) const {
        require(inputs_.size() == expected.size(), "takes " + std::to_string(expected.size()) +
                                                       " inputs, not " + std::to_string(inputs_.size()));
        for (std::size_t i = 0; i < expected.size(); ++i) {
            require(inputs_[i]->holds == expected[i],
                    role(i) + " must hold " + to_text(expected[i]) + ", not " + to_text(inputs_[i]->holds));
            elements(i);
        }
    }

    const Shape& shape(std::size_t i) const { return inputs_[i]->shape; }

    std::string role(std::size_t i) const {
        return inputs_.size() == 1 ? "the input" : "input " + std::to_string(i);
    }

    static std::int64_t elements_of(const Value& value, const std::string& role) {
        return static_cast<std::int64_t>(checked_elements(value, role));
    }

    std::int64_t elements(std::size_t i) const { return elements_of(*inputs_[i], role(i)); }

    static void require_elements(std::int64_t count, std::int64_t expected, const std::string& role) {
        require(count == expected,
                role + " must hold " + std::to_string(expected) + " elements, not " + std::to_string(count));
    }

    void require_axes(std::size_t i, std::size_t axes, const std::string& names) const {
        require(shape(i).size() == axes, role(i) + " must be " + names + ", not " + to_text(shape(i)));
    }

    void require_shape(std::size_t i, const Shape& expected) const {
        require(shape(i) == expected,
                role(i) + " must be " + to_text(expected) + ", not " + to_text(shape(i)));
    }

    /// Checks that input 0 is a map with `channels` channels.
    void require_map(std::int64_t channels) const {
        require_axes(0, 3, "(height, width, channels)");
        require_shape(0, {shape(0)[0], shape(0)[1], channels});
    }

    const std::vector<const Value*>& inputs_;
};

}  // namespace

std::string to_text(const Shape& shape) {
    std::string text = "(";
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        text += (axis ? ", " : "") + std::to_string(shape[axis]);
    }
    return text + ")";
}

std::string to_text(Holds holds) {
    switch (holds) {
        case Holds::kFeatures:
            return "features";
        case Holds::kIndices:
            return "indices";
        case Holds::kSums:
            return "sums";
        case Holds::kKind:
            return "the kind";
    }
    return "";
}

std::size_t checked_elements(const Value& value, const std::string& role) {
    const std::string text = role + " " + to_text(value.shape);
    std::size_t count = value.is_int32() ? sizeof(std::int32_t) : 1;
    for (const std::int64_t length : value.shape) {
        require(length >= 1, text + " has an axis shorter than 1");
        require(static_cast<std::size_t>(length) <= kMaxValueBytes / count, text + " is too large");
        count *= static_cast<std::size_t>(length);
    }
    return value.elements();
}

Value output_of(const ops::Op& op, const std::vector<const Value*>& inputs) {
    return std::visit(Contract(inputs), op);
}

}  // namespace tilewright
