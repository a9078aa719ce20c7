#include "core/picture_codes.h"

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <string>

#include "bindings/arrays.h"
#include "bindings/bindings.h"
#include "bindings/gil.h"

namespace py = pybind11;

namespace tilewright {
namespace {

PictureCodes codes_of(const py::array& pictures, bool holes, const std::string& function) {
    check_array<std::uint8_t>(pictures, {-1, -1, -1}, function + ": pictures");
    if (pictures.shape(1) < 1 || pictures.shape(2) < 1) {
        throw std::invalid_argument(function + ": pictures must have pixels, not " + describe(pictures));
    }
    return {static_cast<std::size_t>(pictures.shape(1)), static_cast<std::size_t>(pictures.shape(2)), holes};
}

/// Calls work(number, picture) for each picture, without the GIL.
template <typename Work>
void for_each(const py::array& pictures, const Work& work) {
    const std::uint8_t* const data = static_cast<const std::uint8_t*>(pictures.data());
    const py::ssize_t count = pictures.shape(0), pixels = pictures.shape(1) * pictures.shape(2);
    without_gil([&](Interrupt& interrupt) {
        for (py::ssize_t i = 0; i < count && !interrupt.requested(); ++i) {
            work(static_cast<std::size_t>(i), data + i * pixels);
        }
    });
}

py::array_t<std::uint64_t> picture_codes(const py::array& pictures, const py::array& hashes, bool holes) {
    PictureCodes codes = codes_of(pictures, holes, "picture_codes()");
    check_array<std::uint16_t>(hashes, {256}, "picture_codes(): hashes");
    std::copy_n(static_cast<const std::uint16_t*>(hashes.data()), 256, codes.hashes.begin());
    const std::size_t each = codes.forms() * codes.words();
    py::array_t<std::uint64_t> made({pictures.shape(0), static_cast<py::ssize_t>(codes.forms()),
                                     static_cast<py::ssize_t>(codes.words())});
    std::uint64_t* const to = made.mutable_data();
    for_each(pictures,
             [&](std::size_t i, const std::uint8_t* picture) { codes.write(picture, to + i * each); });
    return made;
}

py::array_t<std::int32_t> picture_figures(const py::array& pictures, std::size_t entries, bool holes) {
    const PictureCodes codes = codes_of(pictures, holes, "picture_figures()");
    if (entries > 256) {
        throw std::invalid_argument("picture_figures(): entries must be at most 256, not " +
                                    std::to_string(entries));
    }
    const std::size_t each = kStatistics + entries;
    py::array_t<std::int32_t> made({pictures.shape(0), static_cast<py::ssize_t>(each)});
    std::int32_t* const to = made.mutable_data();
    for_each(pictures, [&](std::size_t i, const std::uint8_t* picture) {
        codes.count(picture, entries, to + i * each);
    });
    return made;
}

py::array_t<bool> copied_pictures(const py::array& pictures, const py::array& hashes, bool holes,
                                  const py::array& known, std::size_t limit) {
    PictureCodes codes = codes_of(pictures, holes, "copied_pictures()");
    check_array<std::uint16_t>(hashes, {256}, "copied_pictures(): hashes");
    const py::ssize_t kept = static_cast<py::ssize_t>(codes.forms()) - 1;
    check_array<std::uint64_t>(known, {-1, kept, static_cast<py::ssize_t>(codes.words())},
                               "copied_pictures(): known");
    std::copy_n(static_cast<const std::uint16_t*>(hashes.data()), 256, codes.hashes.begin());
    const std::uint64_t* const others = static_cast<const std::uint64_t*>(known.data());
    const std::size_t count = static_cast<std::size_t>(known.shape(0));
    py::array_t<bool> found(pictures.shape(0));
    bool* const to = found.mutable_data();
    std::vector<std::uint64_t> own(codes.forms() * codes.words());
    for_each(pictures, [&](std::size_t i, const std::uint8_t* picture) {
        codes.write(picture, own.data());
        to[i] = codes.is_near(own.data(), others, count, limit);
    });
    return found;
}

}  // namespace

void bind_picture_codes(py::module_& m) {
    using py::arg;
    m.def("picture_codes", &picture_codes, arg("pictures"), arg("hashes"), arg("holes"));
    m.def("picture_figures", &picture_figures, arg("pictures"), arg("entries"), arg("holes"));
    m.def("copied_pictures", &copied_pictures, arg("pictures"), arg("hashes"), arg("holes"), arg("known"),
          arg("limit"));
}

}  // namespace tilewright
