#include "core/apply_palette.h"

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include "bindings/arrays.h"
#include "bindings/bindings.h"
#include "bindings/gil.h"
#include "core/oklab.h"

namespace py = pybind11;

namespace tilewright {
namespace {

py::array_t<std::uint8_t> apply_palette_array(const py::array& indices, const py::array& palettes) {
    check_array<std::uint8_t>(indices, {-1, -1, -1}, "apply_palette(): indices");
    check_array<std::uint8_t>(palettes, {-1, -1, 4}, "apply_palette(): palettes");
    const py::ssize_t tiles = indices.shape(0);
    const bool shared = palettes.shape(0) == 1;
    if ((!shared && palettes.shape(0) != tiles) || palettes.shape(1) > 256) {
        throw std::invalid_argument(
            "apply_palette(): palettes must be one for all tiles or one each, of at most 256 "
            "entries, not " +
            describe(palettes));
    }
    const py::ssize_t height = indices.shape(1);
    const py::ssize_t width = indices.shape(2);
    py::array_t<std::uint8_t> colours({tiles, height, width, py::ssize_t{4}});
    const std::uint8_t* from = static_cast<const std::uint8_t*>(indices.data());
    const std::uint8_t* entries = static_cast<const std::uint8_t*>(palettes.data());
    std::uint8_t* to = colours.mutable_data();
    without_gil([&](Interrupt& interrupt) {
        apply_palette(from, static_cast<std::size_t>(tiles), static_cast<std::size_t>(height * width),
                      entries, static_cast<std::size_t>(palettes.shape(1)), shared, to, &interrupt);
    });
    return colours;
}

py::array_t<std::uint8_t> binarize_alpha_array(const py::array& colours) {
    check_array<std::uint8_t>(colours, {-1, 4}, "binarize_alpha(): colours");
    py::array_t<std::uint8_t> rgba({colours.shape(0), py::ssize_t{4}});
    const std::uint8_t* from = static_cast<const std::uint8_t*>(colours.data());
    std::uint8_t* to = rgba.mutable_data();
    without_gil([&](Interrupt& interrupt) {
        binarize_alpha(from, static_cast<std::size_t>(colours.shape(0)), to, &interrupt);
    });
    return rgba;
}

py::array_t<std::uint8_t> remap_array(const py::array& colours, const py::array& palette) {
    check_array<std::uint8_t>(colours, {-1, 4}, "remap(): colours");
    check_array<std::uint8_t>(palette, {-1, 4}, "remap(): palette");
    if (palette.shape(0) < 1 || palette.shape(0) > 256) {
        throw std::invalid_argument("remap(): palette must have 1 to 256 entries, not " + describe(palette));
    }
    py::array_t<std::uint8_t> rgba({colours.shape(0), py::ssize_t{4}});
    const std::uint8_t* from = static_cast<const std::uint8_t*>(colours.data());
    const std::uint8_t* entries = static_cast<const std::uint8_t*>(palette.data());
    std::uint8_t* to = rgba.mutable_data();
    without_gil([&](Interrupt& interrupt) {
        remap(from, static_cast<std::size_t>(colours.shape(0)), entries,
              static_cast<std::size_t>(palette.shape(0)), to, &interrupt);
    });
    return rgba;
}

py::array_t<std::int32_t> oklab_array(const py::array& colours) {
    check_array<std::uint8_t>(colours, {-1, 4}, "oklab(): colours");
    const std::vector<Oklab> found = to_oklab(static_cast<const std::uint8_t*>(colours.data()),
                                              static_cast<std::size_t>(colours.shape(0)));
    py::array_t<std::int32_t> made({colours.shape(0), py::ssize_t{3}});
    std::int32_t* to = made.mutable_data();
    for (const Oklab& colour : found) {
        *to++ = colour.lightness;
        *to++ = colour.green_red;
        *to++ = colour.blue_yellow;
    }
    return made;
}

}  // namespace

void bind_apply_palette(py::module_& m) {
    m.def("apply_palette", &apply_palette_array, py::arg("indices"), py::arg("palettes"));
    m.def("remap", &remap_array, py::arg("colours"), py::arg("palette"));
    m.def("oklab", &oklab_array, py::arg("colours"));
    m.def("binarize_alpha", &binarize_alpha_array, py::arg("colours"));
}

}  // namespace tilewright
