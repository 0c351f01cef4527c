//! Curves over time as SVG documents: downloads in the last 30 days at each snapshot.

use chrono::NaiveDate;

use crate::engine::history::Counter;
use crate::engine::history::curve::CurvePoint;
use crate::present::format::{grouped, round_step, short, xml};

/// Width and height; all lengths are in pixels.
const SIZE: (f64, f64) = (960.0, 360.0);
/// The edges of the plot.
const LEFT: f64 = 72.0;
const RIGHT: f64 = 936.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 320.0;
/// The number of days that are named below the plot.
const LABELS: usize = 6;

/// Returns the document of a curve, with a title.
pub fn document(title: &str, points: &[CurvePoint]) -> String {
    let known: Vec<(NaiveDate, i64)> = points
        .iter()
        .filter_map(|point| Some((point.day, point.sum(Counter::Downloads)?)))
        .collect();
    let (width, height) = SIZE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"system-ui,'Segoe UI','DejaVu Sans',sans-serif\" font-size=\"12\" fill=\"#57606a\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"32\" font-size=\"17\" fill=\"#1f2328\">{}</text>\n\
         <text x=\"{LEFT}\" y=\"50\">downloads in the last 30 days</text>\n",
        xml(title)
    );
    let most = known
        .iter()
        .map(|(_, number)| *number)
        .max()
        .unwrap_or(0)
        .max(1);
    grid(&mut svg, most);
    days(&mut svg, &known);
    line(&mut svg, &known, most);
    svg.push_str("</svg>\n");
    svg
}

/// Draws lines at round counts.
fn grid(svg: &mut String, most: i64) {
    let step = round_step(usize::try_from(most).unwrap_or(usize::MAX));
    let step = i64::try_from(step).unwrap_or(most);
    for at in 0..=most / step {
        let (y, label) = (height(at * step, most), short(at * step));
        svg.push_str(&format!(
            "<path d=\"M{LEFT} {y:.1}H{RIGHT}\" stroke=\"#d8dee4\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>\n",
            LEFT - 8.0,
            y + 4.0
        ));
    }
}

/// Names some days below the plot.
fn days(svg: &mut String, known: &[(NaiveDate, i64)]) {
    let step = known.len().div_ceil(LABELS).max(1);
    for (day, _) in known.iter().step_by(step) {
        let (x, y) = (place(*day, known), BOTTOM + 20.0);
        svg.push_str(&format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{day}</text>\n"
        ));
    }
}

/// Draws the curve, and a point with its number for each snapshot.
fn line(svg: &mut String, known: &[(NaiveDate, i64)], most: i64) {
    let at = |(day, number): &(NaiveDate, i64)| (place(*day, known), height(*number, most));
    let corners: Vec<String> = known
        .iter()
        .map(|point| {
            let (x, y) = at(point);
            format!("{x:.1},{y:.1}")
        })
        .collect();
    svg.push_str(&format!(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#3b82c4\" stroke-width=\"2\"/>\n",
        corners.join(" ")
    ));
    for point in known {
        let ((x, y), (day, number)) = (at(point), point);
        svg.push_str(&format!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\" fill=\"#3b82c4\"><title>{day}: {}</title></circle>\n",
            grouped(*number)
        ));
    }
}

fn place(day: NaiveDate, known: &[(NaiveDate, i64)]) -> f64 {
    let ends = known.first().zip(known.last());
    let Some(((first, _), (last, _))) = ends.filter(|((a, _), (b, _))| a != b) else {
        return f64::midpoint(LEFT, RIGHT);
    };
    #[expect(clippy::cast_precision_loss, reason = "pixels")]
    let days = |from: NaiveDate, to: NaiveDate| (to - from).num_days() as f64;
    LEFT + (RIGHT - LEFT) * days(*first, day) / days(*first, *last)
}

#[expect(clippy::cast_precision_loss, reason = "pixels")]
fn height(number: i64, most: i64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * number as f64 / most as f64
}
