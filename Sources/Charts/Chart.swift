/// Values to draw, and how. A value: ``png(width:height:)`` draws it, ``altText`` says it in words.
package struct Chart: Sendable, Hashable {
    package enum Kind: Sendable, Hashable, CaseIterable {
        /// For each label one bar a series, side by side.
        case bars
        /// For each series one line over the labels.
        case line
    }

    /// What the values are.
    package enum Unit: Sendable, Hashable, CaseIterable {
        /// US dollars.
        case usd
        /// Milliseconds; written as ms, s, min or h.
        case milliseconds
        case count
        /// Percent: 12 is 12 %.
        case percent
    }

    package struct Series: Sendable, Hashable {
        package let name: String
        /// The value for each label, in their order. A value that is missing, infinite or not a number is a gap.
        package let values: [Double]

        package init(name: String, values: [Double]) {
            self.name = name
            self.values = values
        }
    }

    package let kind: Kind
    package let title: String
    package let unit: Unit
    /// Days (`2026-11-28`), names or other text, from left to right. Not all are drawn if there are many: labels never
    /// overlap. Days of one year are drawn without the year, e-mail addresses of one domain without the domain.
    package let labels: [String]
    /// Drawn in this order. A legend is drawn if there are several.
    package let series: [Series]

    package init(kind: Kind, title: String, unit: Unit, labels: [String], series: [Series]) {
        self.kind = kind
        self.title = title
        self.unit = unit
        self.labels = labels
        self.series = series
    }

    /// Draws the chart on white. Computes for about 20 ms and does not wait for anything; the first call of a process
    /// also reads the machine's font configuration. May be called on several threads at once.
    ///
    /// The size of text follows the size of the image, so that text is legible at 360 pixels of width.
    ///
    /// - Parameters:
    ///   - width: In pixels; 1 to 32,767, of which sizes below 240 leave little space beside the text.
    ///   - height: In pixels; the same.
    /// - Returns: The bytes of a PNG image.
    /// - Throws: ``ChartError`` with cairo's message: a size that cairo refuses, or no memory.
    package func png(width: Int = 960, height: Int = 480) throws -> [UInt8] {
        let canvas = try Canvas(width: width, height: height)
        ChartPainter(chart: self, canvas: canvas).paint()
        return try canvas.png()
    }
}
