#include "core/plan.h"

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "bindings/arrays.h"
#include "bindings/bindings.h"

namespace py = pybind11;

namespace tilewright {
namespace {

// In Python a buffer is (byte offset, shape).
using BufferArgument = std::pair<std::size_t, std::vector<std::int64_t>>;

Buffer to_buffer(const BufferArgument& argument) { return {argument.first, argument.second}; }

/// A length as the kernels count it.
int to_int(std::int64_t length, const std::string& argument) {
    if (length < 0 || length > std::numeric_limits<int>::max()) {
        throw std::invalid_argument(argument + " has an axis of length " + std::to_string(length));
    }
    return static_cast<int>(length);
}

/// One axis of a buffer, which must have `axes` of them.
int axis_length(const BufferArgument& buffer, std::size_t axis, std::size_t axes,
                const std::string& argument) {
    if (buffer.second.size() != axes) {
        throw std::invalid_argument(argument + " must have " + std::to_string(axes) + " axes, not " +
                                    std::to_string(buffer.second.size()));
    }
    return to_int(buffer.second[axis], argument);
}

/// The product of a shape's lengths; check_plan judges it against the arena.
std::int64_t element_count(const BufferArgument& buffer, const std::string& argument) {
    std::int64_t count = 1;
    for (const std::int64_t length : buffer.second) {
        if (length < 1 || length > std::numeric_limits<std::int32_t>::max() / count) {
            throw std::invalid_argument(argument + " is too large, or has an axis shorter than 1");
        }
        count *= length;
    }
    return count;
}

int array_length(const py::array& array, py::ssize_t axis, const std::string& argument) {
    return to_int(array.shape(axis), argument);
}

ops::Convolution to_convolution(const std::string& function, const BufferArgument& x,
                                const py::array& weights, const py::array& bias, std::uint8_t zero_in,
                                bool wrap, int dilation) {
    ops::Convolution op{};
    const py::ssize_t kernel = weights.ndim() == 4 ? weights.shape(1) : -1;
    op.weights = copy_shaped<std::int8_t>(weights, {-1, kernel, kernel, -1}, function + ": weights");
    op.bias = copy_array<std::int32_t>(bias, 1, function + ": bias");
    op.height = axis_length(x, 0, 3, function + ": x");
    op.width = axis_length(x, 1, 3, function + ": x");
    op.out_channels = array_length(weights, 0, function + ": weights");
    op.kernel = array_length(weights, 1, function + ": weights");
    op.in_channels = array_length(weights, 3, function + ": weights");
    op.dilation = dilation;
    op.padding = wrap ? ops::Padding::kWrap : ops::Padding::kZero;
    op.zero_in = zero_in;
    return op;
}

void add_embed(Plan& plan, const BufferArgument& y, const py::array& table) {
    ops::Embed op{};
    op.table = copy_array<std::uint8_t>(table, 2, "PlanBuilder.embed(): table");
    op.kinds = array_length(table, 0, "PlanBuilder.embed(): table");
    op.width = array_length(table, 1, "PlanBuilder.embed(): table");
    plan.steps.push_back({std::move(op), {}, to_buffer(y)});
}

void add_concat(Plan& plan, const std::vector<BufferArgument>& xs, const BufferArgument& y) {
    ops::Concat op{};
    std::vector<Buffer> inputs;
    for (const BufferArgument& x : xs) {
        op.sizes.push_back(static_cast<std::size_t>(element_count(x, "PlanBuilder.concat(): xs")));
        inputs.push_back(to_buffer(x));
    }
    plan.steps.push_back({std::move(op), std::move(inputs), to_buffer(y)});
}

void add_dense(Plan& plan, const BufferArgument& x, const BufferArgument& y, const py::array& weights,
               const py::array& bias, const py::array& multiplier, std::uint8_t zero_out) {
    ops::Dense op{};
    op.weights = copy_array<std::int8_t>(weights, 2, "PlanBuilder.dense(): weights");
    op.bias = copy_array<std::int32_t>(bias, 1, "PlanBuilder.dense(): bias");
    op.multiplier = copy_array<float>(multiplier, 1, "PlanBuilder.dense(): multiplier");
    op.outputs = array_length(weights, 0, "PlanBuilder.dense(): weights");
    op.inputs = array_length(weights, 1, "PlanBuilder.dense(): weights");
    op.zero_out = zero_out;
    plan.steps.push_back({std::move(op), {to_buffer(x)}, to_buffer(y)});
}

void add_conv2d(Plan& plan, const BufferArgument& x, const BufferArgument& y, const py::array& weights,
                const py::array& bias, const py::array& multiplier, std::uint8_t zero_in,
                std::uint8_t zero_out, bool wrap, int dilation) {
    ops::Conv2d op{};
    op.convolution = to_convolution("PlanBuilder.conv2d()", x, weights, bias, zero_in, wrap, dilation);
    op.multiplier = copy_array<float>(multiplier, 1, "PlanBuilder.conv2d(): multiplier");
    op.zero_out = zero_out;
    plan.steps.push_back({std::move(op), {to_buffer(x)}, to_buffer(y)});
}

void add_conv_transpose2d(Plan& plan, const BufferArgument& x, const BufferArgument& y,
                          const py::array& weights, const py::array& bias, const py::array& multiplier,
                          std::uint8_t zero_in, std::uint8_t zero_out, bool wrap) {
    const std::string function = "PlanBuilder.conv_transpose2d()";
    ops::ConvTranspose2d op{};
    op.weights = copy_shaped<std::int8_t>(weights, {-1, 4, 4, -1}, function + ": weights");
    op.bias = copy_shaped<std::int32_t>(bias, {4, weights.shape(0)}, function + ": bias");
    op.multiplier = copy_array<float>(multiplier, 1, function + ": multiplier");
    op.height = axis_length(x, 0, 3, function + ": x");
    op.width = axis_length(x, 1, 3, function + ": x");
    op.out_channels = array_length(weights, 0, function + ": weights");
    op.in_channels = array_length(weights, 3, function + ": weights");
    op.padding = wrap ? ops::Padding::kWrap : ops::Padding::kZero;
    op.zero_in = zero_in;
    op.zero_out = zero_out;
    plan.steps.push_back({std::move(op), {to_buffer(x)}, to_buffer(y)});
}

void add_scores(Plan& plan, const BufferArgument& x, const BufferArgument& y, const py::array& weights,
                const py::array& bias, std::uint8_t zero_in, bool wrap, int dilation) {
    ops::Scores op{};
    op.convolution = to_convolution("PlanBuilder.scores()", x, weights, bias, zero_in, wrap, dilation);
    plan.steps.push_back({std::move(op), {to_buffer(x)}, to_buffer(y)});
}

void add_argmax(Plan& plan, const BufferArgument& x, const BufferArgument& y, const std::string& dtype) {
    if (dtype != "int32" && dtype != "uint8") {
        throw std::invalid_argument("PlanBuilder.argmax(): dtype must be 'int32' or 'uint8', not '" + dtype +
                                    "'");
    }
    ops::Argmax op{};
    op.pixels = to_int(element_count(y, "PlanBuilder.argmax(): y"), "PlanBuilder.argmax(): y");
    op.channels = axis_length(x, 2, 3, "PlanBuilder.argmax(): x");
    op.int32_scores = dtype == "int32";
    plan.steps.push_back({op, {to_buffer(x)}, to_buffer(y)});
}

void add_lookup(Plan& plan, const BufferArgument& x, const BufferArgument& y, const py::array& table) {
    ops::Lookup op{};
    const std::vector<std::uint8_t> values =
        copy_shaped<std::uint8_t>(table, {256}, "PlanBuilder.lookup(): table");
    std::copy(values.begin(), values.end(), op.table.begin());
    op.size = static_cast<std::size_t>(element_count(x, "PlanBuilder.lookup(): x"));
    plan.steps.push_back({op, {to_buffer(x)}, to_buffer(y)});
}

void add_add(Plan& plan, const BufferArgument& a, const BufferArgument& b, const BufferArgument& y,
             float scale_a, float scale_b, std::uint8_t zero_a, std::uint8_t zero_b, std::uint8_t zero_out) {
    const std::size_t size = static_cast<std::size_t>(element_count(y, "PlanBuilder.add(): y"));
    const ops::Add op{size, scale_a, scale_b, zero_a, zero_b, zero_out};
    plan.steps.push_back({op, {to_buffer(a), to_buffer(b)}, to_buffer(y)});
}

void add_nearest(Plan& plan, const BufferArgument& x, const BufferArgument& palette,
                 const BufferArgument& y) {
    ops::Nearest op{};
    op.pixels = to_int(element_count(y, "PlanBuilder.nearest(): y"), "PlanBuilder.nearest(): y");
    op.colours = axis_length(palette, 0, 2, "PlanBuilder.nearest(): palette");
    op.channels = axis_length(palette, 1, 2, "PlanBuilder.nearest(): palette");
    plan.steps.push_back({op, {to_buffer(x), to_buffer(palette)}, to_buffer(y)});
}

Plan new_plan(std::size_t arena_bytes, std::size_t latent_size, std::size_t latent_offset, std::int32_t kinds,
              const py::array& latent_table) {
    Plan plan;
    plan.arena_bytes = arena_bytes;
    plan.latent_size = latent_size;
    plan.latent_offset = latent_offset;
    plan.kinds = kinds;
    plan.latent_table = copy_latent_table(latent_table, "PlanBuilder(): latent_table");
    return plan;
}

}  // namespace

void bind_plan(py::module_& m) {
    using py::arg;
    py::class_<Plan>(m, "PlanBuilder")
        .def(py::init(&new_plan), arg("arena_bytes"), arg("latent_size"), arg("latent_offset"), arg("kinds"),
             arg("latent_table"))
        .def("embed", &add_embed, arg("y"), arg("table"))
        .def("concat", &add_concat, arg("xs"), arg("y"))
        .def("dense", &add_dense, arg("x"), arg("y"), arg("weights"), arg("bias"), arg("multiplier"),
             arg("zero_out"))
        .def("conv2d", &add_conv2d, arg("x"), arg("y"), arg("weights"), arg("bias"), arg("multiplier"),
             arg("zero_in"), arg("zero_out"), arg("wrap"), arg("dilation") = 1)
        .def("conv_transpose2d", &add_conv_transpose2d, arg("x"), arg("y"), arg("weights"), arg("bias"),
             arg("multiplier"), arg("zero_in"), arg("zero_out"), arg("wrap"))
        .def("scores", &add_scores, arg("x"), arg("y"), arg("weights"), arg("bias"), arg("zero_in"),
             arg("wrap"), arg("dilation") = 1)
        .def("argmax", &add_argmax, arg("x"), arg("y"), arg("dtype"))
        .def("lookup", &add_lookup, arg("x"), arg("y"), arg("table"))
        .def("add", &add_add, arg("a"), arg("b"), arg("y"), arg("scale_a"), arg("scale_b"), arg("zero_a"),
             arg("zero_b"), arg("zero_out"))
        .def("nearest", &add_nearest, arg("x"), arg("palette"), arg("y"))
        .def(
            "output",
            [](Plan& plan, std::string name, std::size_t offset, std::size_t nbytes) {
                plan.outputs.push_back({std::move(name), offset, nbytes});
            },
            arg("name"), arg("offset"), arg("nbytes"));
}

}  // namespace tilewright
