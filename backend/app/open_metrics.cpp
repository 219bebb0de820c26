// A page as OpenMetrics 1.0 has it: counters named without _total in their TYPE line, an exemplar after
// a bucket where there is one, # EOF at the end.
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "api/codec/json_writer.hpp"
#include "app/metrics_page.hpp"

namespace onsale::app {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

std::string number(double value) {
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end.ptr};
}

// A bound is a label's value and must look like a float.
std::string bound_text(double bound) {
  std::string text = number(bound);
  if (text.find_first_of(".eI") == std::string::npos) text += ".0";
  return text;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

void append_labels(std::string& out, const MetricLabels& labels, std::string_view bound = {}) {
  if (labels.empty() && bound.empty()) return;
  out += '{';
  bool first = true;
  for (const auto& label : labels) {
    if (!first) out += ',';
    first = false;
    out += label.name + "=\"";
    append_escaped(out, label.value);
    out += '"';
  }
  if (!bound.empty()) {
    if (!first) out += ',';
    out += "le=\"";
    out += bound;
    out += '"';
  }
  out += '}';
}

void append_exemplar(std::string& out, const api::Exemplar& exemplar) {
  if (exemplar.trace.is_nil()) return;
  out += " # {trace_id=\"";
  std::string hex;
  api::json::append_hex(hex, exemplar.trace.bits);
  out += hex.find('"') == std::string::npos ? hex : hex.substr(1, hex.size() - 2);
  constexpr double kUs = 1e6;
  constexpr double kMs = 1e3;
  out += "\"} " + number(static_cast<double>(exemplar.took_us) / kUs) + ' ' +
         number(static_cast<double>(ms_of(exemplar.at)) / kMs);
}

void append_histogram(std::string& out, const std::string& name, const ClientMetric& metric,
                      const api::Exemplars::OfRoute* exemplars) {
  const auto& histogram = metric.histogram;
  for (std::size_t i = 0; i < histogram.bucket.size(); ++i) {
    const auto& bucket = histogram.bucket[i];
    out += name + "_bucket";
    append_labels(out, metric.label, bound_text(bucket.upper_bound));
    out += ' ' + number(static_cast<double>(bucket.cumulative_count));
    if (exemplars != nullptr) append_exemplar(out, (*exemplars)[i]);
    out += '\n';
  }
  out += name + "_count";
  append_labels(out, metric.label);
  out += ' ' + number(static_cast<double>(histogram.sample_count)) + '\n';
  out += name + "_sum";
  append_labels(out, metric.label);
  out += ' ' + number(histogram.sample_sum) + '\n';
}

}  // namespace

std::string MetricsPage::open_metrics() const {
  constexpr std::string_view kTotal = "_total";
  std::string out;
  for (const Family& family : families_) {
    const auto& all = family.all;
    const bool counter = all.type == MetricType::Counter;
    const bool histogram = all.type == MetricType::Histogram;
    const std::string stem =
        counter ? all.name.substr(0, all.name.size() - kTotal.size()) : all.name;
    out += "# TYPE " + stem + (counter ? " counter" : histogram ? " histogram" : " gauge") + '\n';
    out += "# HELP " + stem + ' ';
    append_escaped(out, all.help);
    out += '\n';
    for (std::size_t i = 0; i < all.metric.size(); ++i) {
      const ClientMetric& metric = all.metric[i];
      if (histogram) {
        const auto found = family.exemplars.find(i);
        append_histogram(out, all.name, metric,
                         found == family.exemplars.end() ? nullptr : &found->second);
        continue;
      }
      out += all.name;
      append_labels(out, metric.label);
      out += ' ' + number(counter ? metric.counter.value : metric.gauge.value) + '\n';
    }
  }
  out += "# EOF\n";
  return out;
}

}  // namespace onsale::app
