//! Histograms as SVG documents: a column per bin, gray ones beside them for zero and unknown, and
//! lines at the quartiles.

use crate::engine::stats::edges::Scale;
use crate::engine::stats::histogram::{Bin, Histogram};
use crate::engine::table::field::Kind;
use crate::present::figures::{in_short, named_quantiles, range};
use crate::present::format;
use crate::present::format::{round_step, xml};

/// Width and height; all lengths are in pixels.
const SIZE: (f64, f64) = (960.0, 440.0);
/// The edges of the plot.
const LEFT: f64 = 72.0;
const RIGHT: f64 = 936.0;
const TOP: f64 = 100.0;
const BOTTOM: f64 = 396.0;
/// The width of a column of zero or unknown, with its gap.
const APART: f64 = 64.0;
/// The average width of a letter.
const LETTER: f64 = 6.6;

/// Returns the document, with a title.
pub fn document(histogram: &Histogram, title: &str) -> String {
    let (width, height) = SIZE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"system-ui,'Segoe UI','DejaVu Sans',sans-serif\" font-size=\"12\" fill=\"#57606a\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    let mut chart = SvgHistogram::new(histogram, &mut svg);
    chart.text(
        (LEFT, 32.0),
        "start",
        "font-size=\"17\" fill=\"#1f2328\"",
        title,
    );
    chart.text((LEFT, 54.0), "start", "", &caption(histogram));
    chart.grid();
    chart.columns_apart();
    chart.columns();
    chart.quartiles();
    svg.push_str("</svg>\n");
    svg
}

/// Returns the scale and the five numbers in a line.
fn caption(histogram: &Histogram) -> String {
    let mut parts = vec![format!("{} scale", histogram.scale.name())];
    if let Some(found) = &histogram.quantiles {
        parts.extend(named_quantiles(histogram.field, found));
    }
    parts.join(" · ")
}

struct SvgHistogram<'a> {
    histogram: &'a Histogram,
    svg: &'a mut String,
    /// The names and counts outside the bins.
    apart: Vec<(&'static str, usize)>,
    /// The count of a column of full height.
    most: usize,
}

impl<'a> SvgHistogram<'a> {
    fn new(histogram: &'a Histogram, svg: &'a mut String) -> SvgHistogram<'a> {
        let mut apart = vec![("unknown", histogram.unknown), ("zero", histogram.zero)];
        apart.retain(|(_, count)| *count > 0);
        let binned = histogram.bins.iter().map(|bin| bin.count).max();
        SvgHistogram {
            most: binned.unwrap_or(histogram.models).max(1),
            histogram,
            svg,
            apart,
        }
    }

    fn add(&mut self, line: &str) {
        self.svg.push_str(line);
        self.svg.push('\n');
    }

    fn text(&mut self, (x, y): (f64, f64), anchor: &str, style: &str, text: &str) {
        let text = xml(text);
        self.add(&format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" {style}>{text}</text>"
        ));
    }

    /// Lines at round counts.
    fn grid(&mut self) {
        for count in (0..=self.most).step_by(round_step(self.most)) {
            let y = self.height_of(count);
            let line = format!("<path d=\"M{LEFT} {y:.1}H{RIGHT}\" stroke=\"#d8dee4\"/>");
            self.add(&line);
            let label = format::short(i64::try_from(count).unwrap_or(i64::MAX));
            self.text((LEFT - 8.0, y + 4.0), "end", "", &label);
        }
    }

    fn columns_apart(&mut self) {
        for (at, (name, count)) in self.apart.clone().into_iter().enumerate() {
            let (from, to) = (self.apart_x(at), self.apart_x(at + 1) - 12.0);
            let tooltip = format!("{name}: {}", format::count(count));
            self.column((from, to), count.min(self.most), "#afb8c1", &tooltip);
            let middle = f64::midpoint(from, to);
            self.text((middle, BOTTOM + 18.0), "middle", "", name);
            if count > self.most {
                // The column is cut.
                let (y, label) = (TOP + 14.0, format::count(count));
                let line = format!(
                    "<path d=\"M{from:.1} {:.1}L{to:.1} {:.1}\" stroke=\"#ffffff\" stroke-width=\"4\"/>",
                    y + 4.0,
                    y - 4.0
                );
                self.add(&line);
                self.text((middle, TOP - 6.0), "middle", "", &label);
            }
        }
    }

    fn columns(&mut self) {
        let histogram = self.histogram;
        let wide = self.bin_x(1.0) - self.bin_x(0.0);
        let gap = (wide / 8.0).min(2.0);
        let edges = histogram.edges();
        let labels: Vec<String> = edges.iter().map(|edge| self.label(*edge)).collect();
        let longest = labels.iter().map(|l| l.chars().count()).max().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "pixels")]
        let room = longest as f64 * LETTER + 10.0;
        let steps = [1_usize, 2, 3, 6, 12, 24, 60, 120, 1_200];
        #[expect(clippy::cast_precision_loss, reason = "pixels")]
        let step = steps.into_iter().find(|step| *step as f64 * wide >= room);
        for (at, label) in labels.iter().enumerate().step_by(step.unwrap_or(12_000)) {
            #[expect(clippy::cast_precision_loss, reason = "pixels")]
            let x = self.bin_x(at as f64);
            self.text((x, BOTTOM + 18.0), "middle", "", label);
        }
        for (at, bin) in histogram.bins.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "pixels")]
            let from = self.bin_x(at as f64);
            let share = format::percent(format::share(bin.count, histogram.models));
            let tooltip = format!(
                "{}: {} ({share})",
                range(histogram, bin),
                format::count(bin.count)
            );
            self.column(
                (from + gap, from + wide - gap),
                bin.count,
                "#3b82c4",
                &tooltip,
            );
        }
    }

    fn column(&mut self, (from, to): (f64, f64), count: usize, fill: &str, tooltip: &str) {
        // Anything above zero is visible.
        let top = self
            .height_of(count)
            .min(if count > 0 { BOTTOM - 1.0 } else { BOTTOM });
        let (wide, high, tooltip) = (to - from, BOTTOM - top, xml(tooltip));
        self.add(&format!(
            "<rect x=\"{from:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\" fill=\"{fill}\"><title>{tooltip}</title></rect>"
        ));
    }

    fn quartiles(&mut self) {
        let Some(found) = &self.histogram.quantiles else {
            return;
        };
        let lines = [
            ("25%", found.p25),
            ("median", found.p50),
            ("75%", found.p75),
        ];
        let anchors = ["end", "middle", "start"];
        for ((name, value), (anchor, raised)) in lines
            .into_iter()
            .zip(anchors.into_iter().zip([0.0, 14.0, 0.0]))
        {
            let Some(x) = self.place(value) else {
                continue;
            };
            let (end, y) = (BOTTOM, TOP - 8.0 - raised);
            let line = format!(
                "<path d=\"M{x:.1} {:.1}V{end}\" stroke=\"#bc4c00\" stroke-dasharray=\"4 3\"/>",
                y + 3.0
            );
            self.add(&line);
            self.text((x, y), anchor, "fill=\"#bc4c00\"", name);
        }
    }

    /// Returns the x coordinate of a value.
    fn place(&self, value: f64) -> Option<f64> {
        let bins = &self.histogram.bins;
        #[expect(clippy::cast_precision_loss, reason = "pixels")]
        let before = |edge: i64| edge as f64 <= value;
        let at = bins.partition_point(|bin| before(bin.from)).max(1) - 1;
        let Bin { from, to, .. } = *bins.get(at)?;
        #[expect(clippy::cast_precision_loss, reason = "pixels")]
        let (at, from, to) = (at as f64, from as f64, to as f64);
        let part = match self.histogram.scale {
            _ if to <= from => 0.5,
            Scale::Log => (value / from).ln() / (to / from).ln(),
            _ => (value - from) / (to - from),
        };
        Some(self.bin_x(at + part.clamp(0.0, 1.0)))
    }

    /// Returns the left edge of a column outside the bins.
    fn apart_x(&self, at: usize) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "at most 2")]
        let at = at as f64;
        LEFT + 6.0 + at * APART
    }

    /// Returns the left edge of a bin; for a fraction, a point within the bin.
    fn bin_x(&self, at: f64) -> f64 {
        let first = self.apart_x(self.apart.len()) + 24.0;
        #[expect(clippy::cast_precision_loss, reason = "pixels")]
        let bins = self.histogram.bins.len().max(1) as f64;
        first + (RIGHT - first) * at / bins
    }

    fn height_of(&self, count: usize) -> f64 {
        BOTTOM - (BOTTOM - TOP) * format::share(count, self.most)
    }

    fn label(&self, edge: i64) -> String {
        match self.histogram.field.info().kind {
            Kind::Time if self.histogram.scale == Scale::Calendar => format::month(edge),
            _ => in_short(self.histogram.field, edge),
        }
    }
}
