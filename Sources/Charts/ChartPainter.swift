/// Draws a chart: title, legend, grid with the left axis, labels, values.
struct ChartPainter {
    let chart: Chart
    let canvas: Canvas
    private let data: PlotData
    private let font: Font

    init(chart: Chart, canvas: Canvas) {
        self.chart = chart
        self.canvas = canvas
        data = PlotData(chart)
        // 24 pixels of 960 are 9 of the 360 to which Slack scales an image.
        font = Font(size: min(max(min(Double(canvas.width) / 40, Double(canvas.height) / 20), 6), 96))
    }

    private var margin: Double { font.size * 0.6 }
    private var right: Double { Double(canvas.width) - margin }

    func paint() {
        var top = paintTitle()
        top = paintLegend(below: top) + font.size * 0.7
        guard let range = data.range else {
            let middle = Point(x: Double(canvas.width) / 2, y: (top + Double(canvas.height)) / 2)
            return canvas.text("no data", at: middle, .center, font, .text)
        }
        let ticks = AxisTicks(range, unit: chart.unit, isWhole: data.isWhole)
        let widest = ticks.labels.map { canvas.textWidth($0, font) }.max() ?? 0
        var box = Box(left: margin + widest + font.size * 0.5, top: top, right: right, bottom: 0)
        box.right = max(box.right, box.left + 1)
        let places = places(in: box)
        let labels = AxisLabels(
            chart.labels,
            in: AxisLabels.Space(
                places: places, left: margin, right: right, height: Double(canvas.height), fontSize: font.size)
        ) { canvas.textWidth($0, font) }
        box.bottom = max((Double(canvas.height) - labels.height).rounded(), box.top + 1)
        let plot = Plot(box: box, ticks: ticks, places: places)
        paintGrid(plot, ticks)
        switch chart.kind {
        case .bars: paintBars(plot)
        case .line: paintLines(plot)
        }
        fillRow(plot.y(0), plot, .axis)
        paint(labels, plot)
    }

    /// Returns the lower end.
    private func paintTitle() -> Double {
        let font = Font(size: font.size * 1.2, isBold: true)
        let title = ShortText.fitting(ShortText.line(chart.title), width: right - margin) {
            canvas.textWidth($0, font)
        }
        canvas.text(title, at: Point(x: margin, y: margin + font.size * 0.8), .left, font, .title)
        return margin + font.size * 1.1
    }

    /// Returns the lower end.
    private func paintLegend(below top: Double) -> Double {
        let legend = Legend(chart.series.map(\.name), left: margin, right: right, fontSize: font.size) {
            canvas.textWidth($0, font)
        }
        for entry in legend.entries {
            let base = top + font.size * (1.1 + 1.4 * Double(entry.row))
            var x = entry.x
            if let series = entry.series {
                let side = font.size * Legend.mark
                canvas.fill(Box(left: x, top: base - side, right: x + side, bottom: base), .ofSeries(series))
                x += side + font.size * Legend.space
            }
            canvas.text(entry.text, at: Point(x: x, y: base), .left, font, .text)
        }
        return top + font.size * 1.4 * Double(legend.rows)
    }

    /// The middle of each place: bars need half a place beside the first and the last, a line begins at the edge.
    private func places(in box: Box) -> [Double] {
        let count = Double(data.count)
        let pitch = box.width / max(1, count)
        guard chart.kind == .line, data.count > 1 else {
            return (0..<data.count).map { box.left + pitch * (Double($0) + 0.5) }
        }
        let inset = min(pitch / 2, font.size)
        return (0..<data.count).map { box.left + inset + (box.width - 2 * inset) * Double($0) / (count - 1) }
    }

    private func paintGrid(_ plot: Plot, _ ticks: AxisTicks) {
        for (value, label) in zip(ticks.values, ticks.labels) {
            fillRow(plot.y(value), plot, .grid)
            let point = Point(x: plot.box.left - font.size * 0.5, y: plot.y(value) + font.size * 0.36)
            canvas.text(label, at: point, .right, font, .text)
        }
    }

    /// A line of whole pixels over the width of the plot, below that height.
    private func fillRow(_ y: Double, _ plot: Plot, _ color: Color) {
        let thickness = max(1, (font.size / 12).rounded())
        canvas.fill(Box(left: plot.box.left, top: y, right: plot.box.right, bottom: y + thickness), color)
    }

    private func paint(_ labels: AxisLabels, _ plot: Plot) {
        for label in labels.labels {
            if labels.isSlanted {
                let point = Point(x: label.x + font.size * 0.3, y: plot.box.bottom + font.size * 0.9)
                canvas.text(label.text, at: point, .right, font, angle: AxisLabels.angle, .text)
            } else {
                let point = Point(x: label.x, y: plot.box.bottom + font.size * 1.15)
                canvas.text(label.text, at: point, .center, font, .text)
            }
        }
    }

    private func paintBars(_ plot: Plot) {
        let count = Double(chart.series.count)
        let pitch = plot.box.width / Double(data.count)
        let group = min(pitch * 0.76, count * 4 * font.size)
        // Bars of less than four pixels are not aligned to pixels: their widths would differ visibly.
        let isAligned = group / count >= 4
        for (index, row) in data.rows.enumerated() {
            for (place, value) in row.enumerated() {
                guard let value, value != 0 else { continue }
                var bar = plot.bar(value)
                bar.left = plot.places[place] - group / 2 + group / count * Double(index)
                bar.right = bar.left + group / count
                if isAligned {
                    // The space between two bars of a group is a pixel of the background.
                    bar.left.round()
                    bar.right = bar.right.rounded() - (count > 1 ? 1 : 0)
                }
                canvas.fill(bar, .ofSeries(index))
            }
        }
    }

    private func paintLines(_ plot: Plot) {
        let width = max(1, font.size / 7)
        let isDotted = plot.box.width / Double(data.count) >= font.size
        for (index, row) in data.rows.enumerated() {
            // When the colours repeat, the line is dashed.
            let isDashed = index / Color.series.count % 2 == 1
            for run in Self.runs(row) {
                let points = run.map { Point(x: plot.places[$0.place], y: plot.y($0.value)) }
                let dashes = isDashed ? [font.size * 0.6, font.size * 0.4] : []
                canvas.line(points, width: width, dashes: dashes, .ofSeries(index))
                guard isDotted || points.count == 1 else { continue }
                for point in points { canvas.dot(point, radius: width * 1.6, .ofSeries(index)) }
            }
        }
    }

    /// The parts of a row between its gaps.
    private static func runs(_ row: [Double?]) -> [[(place: Int, value: Double)]] {
        var runs: [[(place: Int, value: Double)]] = [[]]
        for (place, value) in row.enumerated() {
            if let value {
                runs[runs.count - 1].append((place, value))
            } else if runs.last?.isEmpty == false {
                runs.append([])
            }
        }
        return runs.filter { !$0.isEmpty }
    }
}
