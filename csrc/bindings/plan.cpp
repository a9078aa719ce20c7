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

/// A length as the kernels count it.
int to_int(std::int64_t length, const std::string& argument) {
    if (length < 0 || length > std::numeric_limits<int>::max()) {
        throw std::invalid_argument(argument + " has an axis of length " + std::to_string(length));
    }
    return static_cast<int>(length);
}

const Value& value_of(const Plan& plan, ValueId id, const std::string& argument) {
    if (id >= plan.values.size()) {
        throw std::invalid_argument(argument + ": there is no value " + std::to_string(id) + " yet");
    }
    return plan.values[id];
}

/// One axis of a value, which must have `axes` of them.
int axis_length(const Plan& plan, ValueId id, std::size_t axis, std::size_t axes,
                const std::string& argument) {
    const Value& value = value_of(plan, id, argument);
    if (value.shape.size() != axes) {
        throw std::invalid_argument(argument + " must have " + std::to_string(axes) + " axes, not " +
                                    std::to_string(value.shape.size()));
    }
    return to_int(value.shape[axis], argument);
}

/// The product of a shape's lengths.
std::int64_t element_count(const std::vector<std::int64_t>& shape, const std::string& argument) {
    std::int64_t count = 1;
    for (const std::int64_t length : shape) {
        if (length < 1 || length > std::numeric_limits<std::int32_t>::max() / count) {
            throw std::invalid_argument(argument + " is too large, or has an axis shorter than 1");
        }
        count *= length;
    }
    return count;
}

ValueId add_step(Plan& plan, ops::Op op, std::vector<ValueId> inputs, std::vector<std::int64_t> shape,
                 Holds holds = Holds::kFeatures) {
    const ValueId output = plan.values.size();
    plan.values.push_back({std::move(shape), holds});
    plan.steps.push_back({std::move(op), std::move(inputs), output});
    return output;
}

int array_length(const py::array& array, py::ssize_t axis, const std::string& argument) {
    return to_int(array.shape(axis), argument);
}

ops::Convolution to_convolution(const std::string& function, const Plan& plan, ValueId x,
                                const py::array& weights, const py::array& bias, std::uint8_t zero_in,
                                bool wrap, int dilation) {
    ops::Convolution op{};
    const py::ssize_t kernel = weights.ndim() == 4 ? weights.shape(1) : -1;
    op.weights = copy_shaped<std::int8_t>(weights, {-1, kernel, kernel, -1}, function + ": weights");
    op.bias = copy_array<std::int32_t>(bias, 1, function + ": bias");
    op.height = axis_length(plan, x, 0, 3, function + ": x");
    op.width = axis_length(plan, x, 1, 3, function + ": x");
    op.out_channels = array_length(weights, 0, function + ": weights");
    op.kernel = array_length(weights, 1, function + ": weights");
    op.in_channels = array_length(weights, 3, function + ": weights");
    op.dilation = dilation;
    op.padding = wrap ? ops::Padding::kWrap : ops::Padding::kZero;
    op.zero_in = zero_in;
    return op;
}

ValueId add_input(Plan& plan, const std::string& source, std::vector<std::int64_t> shape) {
    struct Row {
        const char* name;
        Source source;
        Holds holds;
    };
    constexpr Row kSources[] = {{"latents", Source::kLatents, Holds::kFeatures},
                                {"kind", Source::kKind, Holds::kKind},
                                {"cells", Source::kCells, Holds::kIndices}};
    for (const Row& row : kSources) {
        if (source == row.name) {
            plan.inputs.push_back({row.source, plan.values.size()});
            plan.values.push_back({std::move(shape), row.holds});
            return plan.values.size() - 1;
        }
    }
    throw std::invalid_argument("PlanBuilder.input(): source must be 'latents', 'kind' or 'cells', not '" +
                                source + "'");
}

ValueId add_embed(Plan& plan, ValueId kind, const py::array& table) {
    ops::Embed op{};
    op.table = copy_array<std::uint8_t>(table, 2, "PlanBuilder.embed(): table");
    op.kinds = array_length(table, 0, "PlanBuilder.embed(): table");
    op.width = array_length(table, 1, "PlanBuilder.embed(): table");
    const std::int64_t width = op.width;
    return add_step(plan, std::move(op), {kind}, {width});
}

ValueId add_embed_cells(Plan& plan, ValueId kind, ValueId cells, const py::array& table) {
    const std::string argument = "PlanBuilder.embed_cells(): table";
    ops::EmbedCells op{};
    op.table = copy_array<std::uint8_t>(table, 3, argument);
    op.kinds = array_length(table, 0, argument);
    op.entries = array_length(table, 1, argument);
    op.channels = array_length(table, 2, argument);
    std::vector<std::int64_t> shape = value_of(plan, cells, "PlanBuilder.embed_cells(): cells").shape;
    shape.push_back(op.channels);
    return add_step(plan, std::move(op), {kind, cells}, std::move(shape));
}

ValueId add_concat(Plan& plan, const std::vector<ValueId>& xs) {
    ops::Concat op{};
    std::int64_t total = 0;
    for (const ValueId x : xs) {
        const Value& value = value_of(plan, x, "PlanBuilder.concat(): xs");
        op.sizes.push_back(static_cast<std::size_t>(element_count(value.shape, "PlanBuilder.concat(): xs")));
        total += static_cast<std::int64_t>(op.sizes.back());
    }
    return add_step(plan, std::move(op), xs, {total});
}

ValueId add_slice(Plan& plan, ValueId x, std::int32_t first, std::vector<std::int64_t> shape) {
    ops::Slice op{};
    op.first = first;
    return add_step(plan, std::move(op), {x}, std::move(shape));
}

ValueId add_dense(Plan& plan, ValueId x, std::vector<std::int64_t> shape, const py::array& weights,
                  const py::array& bias, const py::array& multiplier, std::uint8_t zero_out) {
    ops::Dense op{};
    op.weights = copy_array<std::int8_t>(weights, 2, "PlanBuilder.dense(): weights");
    op.bias = copy_array<std::int32_t>(bias, 1, "PlanBuilder.dense(): bias");
    op.multiplier = copy_array<float>(multiplier, 1, "PlanBuilder.dense(): multiplier");
    op.outputs = array_length(weights, 0, "PlanBuilder.dense(): weights");
    op.inputs = array_length(weights, 1, "PlanBuilder.dense(): weights");
    op.zero_out = zero_out;
    return add_step(plan, std::move(op), {x}, std::move(shape));
}

ValueId add_conv2d(Plan& plan, ValueId x, const py::array& weights, const py::array& bias,
                   const py::array& multiplier, std::uint8_t zero_in, std::uint8_t zero_out, bool wrap,
                   int dilation) {
    ops::Conv2d op{};
    op.convolution = to_convolution("PlanBuilder.conv2d()", plan, x, weights, bias, zero_in, wrap, dilation);
    op.multiplier = copy_array<float>(multiplier, 1, "PlanBuilder.conv2d(): multiplier");
    op.zero_out = zero_out;
    const ops::Convolution& c = op.convolution;
    std::vector<std::int64_t> shape = {c.height, c.width, c.out_channels};
    return add_step(plan, std::move(op), {x}, std::move(shape));
}

ValueId add_conv_transpose2d(Plan& plan, ValueId x, const py::array& weights, const py::array& bias,
                             const py::array& multiplier, std::uint8_t zero_in, std::uint8_t zero_out,
                             bool wrap) {
    const std::string function = "PlanBuilder.conv_transpose2d()";
    ops::ConvTranspose2d op{};
    op.weights = copy_shaped<std::int8_t>(weights, {-1, 4, 4, -1}, function + ": weights");
    op.bias = copy_shaped<std::int32_t>(bias, {4, weights.shape(0)}, function + ": bias");
    op.multiplier = copy_array<float>(multiplier, 1, function + ": multiplier");
    op.height = axis_length(plan, x, 0, 3, function + ": x");
    op.width = axis_length(plan, x, 1, 3, function + ": x");
    op.out_channels = array_length(weights, 0, function + ": weights");
    op.in_channels = array_length(weights, 3, function + ": weights");
    op.padding = wrap ? ops::Padding::kWrap : ops::Padding::kZero;
    op.zero_in = zero_in;
    op.zero_out = zero_out;
    std::vector<std::int64_t> shape = {std::int64_t{2} * op.height, std::int64_t{2} * op.width,
                                       op.out_channels};
    return add_step(plan, std::move(op), {x}, std::move(shape));
}

ValueId add_scores(Plan& plan, ValueId x, const py::array& weights, const py::array& bias,
                   std::uint8_t zero_in, bool wrap, int dilation) {
    ops::Scores op{};
    op.convolution = to_convolution("PlanBuilder.scores()", plan, x, weights, bias, zero_in, wrap, dilation);
    const ops::Convolution& c = op.convolution;
    std::vector<std::int64_t> shape = {c.height, c.width, c.out_channels};
    return add_step(plan, std::move(op), {x}, std::move(shape), Holds::kSums);
}

ValueId add_argmax(Plan& plan, ValueId x) {
    const std::string argument = "PlanBuilder.argmax(): x";
    const std::int64_t height = axis_length(plan, x, 0, 3, argument);
    const std::int64_t width = axis_length(plan, x, 1, 3, argument);
    ops::Argmax op{};
    op.pixels = to_int(element_count({height, width}, argument), argument);
    op.channels = axis_length(plan, x, 2, 3, argument);
    op.int32_scores = plan.values[x].is_int32();
    return add_step(plan, op, {x}, {height, width}, Holds::kIndices);
}

ValueId add_lookup(Plan& plan, ValueId x, const py::array& table) {
    ops::Lookup op{};
    const std::vector<std::uint8_t> values =
        copy_shaped<std::uint8_t>(table, {256}, "PlanBuilder.lookup(): table");
    std::copy(values.begin(), values.end(), op.table.begin());
    const std::vector<std::int64_t> shape = value_of(plan, x, "PlanBuilder.lookup(): x").shape;
    op.size = static_cast<std::size_t>(element_count(shape, "PlanBuilder.lookup(): x"));
    return add_step(plan, op, {x}, shape);
}

ValueId add_add(Plan& plan, ValueId a, ValueId b, float scale_a, float scale_b, std::uint8_t zero_a,
                std::uint8_t zero_b, std::uint8_t zero_out) {
    const std::vector<std::int64_t> shape = value_of(plan, a, "PlanBuilder.add(): a").shape;
    const std::size_t size = static_cast<std::size_t>(element_count(shape, "PlanBuilder.add(): a"));
    const ops::Add op{size, scale_a, scale_b, zero_a, zero_b, zero_out};
    return add_step(plan, op, {a, b}, shape);
}

ValueId add_nearest(Plan& plan, ValueId x, ValueId palette) {
    const std::string argument = "PlanBuilder.nearest(): x";
    const std::int64_t height = axis_length(plan, x, 0, 3, argument);
    const std::int64_t width = axis_length(plan, x, 1, 3, argument);
    ops::Nearest op{};
    op.pixels = to_int(element_count({height, width}, argument), argument);
    op.colours = axis_length(plan, palette, 0, 2, "PlanBuilder.nearest(): palette");
    op.channels = axis_length(plan, palette, 1, 2, "PlanBuilder.nearest(): palette");
    return add_step(plan, op, {x, palette}, {height, width}, Holds::kIndices);
}

void set_sampler(Plan& plan, const std::string& method, int colours, int steps, ValueId cells, ValueId scores,
                 const py::array& noise) {
    Sampler sampler{};
    if (method == "masked") {
        sampler.method = Sampler::Method::kMasked;
    } else if (method == "autoregressive") {
        sampler.method = Sampler::Method::kAutoregressive;
    } else {
        throw std::invalid_argument(
            "PlanBuilder.sampler(): method must be 'masked' or 'autoregressive', not '" + method + "'");
    }
    sampler.colours = colours;
    sampler.steps = steps;
    sampler.cells = cells;
    sampler.scores = scores;
    sampler.noise = copy_array<std::int32_t>(noise, 1, "PlanBuilder.sampler(): noise");
    plan.sampler = std::move(sampler);
}

Plan new_plan(std::int32_t kinds, const py::array& latent_table) {
    Plan plan;
    plan.kinds = kinds;
    plan.latent_table = copy_latent_table(latent_table, "PlanBuilder(): latent_table");
    return plan;
}

}  // namespace

void bind_plan(py::module_& m) {
    using py::arg;
    py::class_<Plan>(m, "PlanBuilder", py::module_local())
        .def(py::init(&new_plan), arg("kinds"), arg("latent_table"))
        .def("input", &add_input, arg("source"), arg("shape") = std::vector<std::int64_t>())
        .def("embed", &add_embed, arg("kind"), arg("table"))
        .def("embed_cells", &add_embed_cells, arg("kind"), arg("cells"), arg("table"))
        .def("concat", &add_concat, arg("xs"))
        .def("slice", &add_slice, arg("x"), arg("first"), arg("shape"))
        .def("dense", &add_dense, arg("x"), arg("shape"), arg("weights"), arg("bias"), arg("multiplier"),
             arg("zero_out"))
        .def("conv2d", &add_conv2d, arg("x"), arg("weights"), arg("bias"), arg("multiplier"), arg("zero_in"),
             arg("zero_out"), arg("wrap"), arg("dilation") = 1)
        .def("conv_transpose2d", &add_conv_transpose2d, arg("x"), arg("weights"), arg("bias"),
             arg("multiplier"), arg("zero_in"), arg("zero_out"), arg("wrap"))
        .def("scores", &add_scores, arg("x"), arg("weights"), arg("bias"), arg("zero_in"), arg("wrap"),
             arg("dilation") = 1)
        .def("argmax", &add_argmax, arg("x"))
        .def("lookup", &add_lookup, arg("x"), arg("table"))
        .def("add", &add_add, arg("a"), arg("b"), arg("scale_a"), arg("scale_b"), arg("zero_a"),
             arg("zero_b"), arg("zero_out"))
        .def("nearest", &add_nearest, arg("x"), arg("palette"))
        .def("sampler", &set_sampler, arg("method"), arg("colours"), arg("steps"), arg("cells"),
             arg("scores"), arg("noise"))
        .def(
            "output",
            [](Plan& plan, std::string name, ValueId value) {
                plan.outputs.push_back({std::move(name), value});
            },
            arg("name"), arg("value"));
}

}  // namespace tilewright
