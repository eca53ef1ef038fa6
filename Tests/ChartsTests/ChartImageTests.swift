import Testing

@testable import Charts

@Suite("The image of a chart")
struct ChartImageTests {
    @Test("it is a PNG of the requested size", arguments: [(960, 480), (360, 180), (1, 1), (2000, 30), (30, 2000)])
    func size(width: Int, height: Int) throws {
        let png = try Chart.sample(.bars, [1, 2, 3, 4]).png(width: width, height: height)
        #expect(png.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        let image = try #require(DecodedImage(png: png))
        #expect(image.width == width)
        #expect(image.height == height)
    }

    @Test("a size that cairo refuses is an error with cairo's message", arguments: [40_000, -1, Int.max])
    func refused(width: Int) throws {
        let error = #expect(throws: ChartError.self) { try Chart.sample(.bars, [1]).png(width: width, height: 480) }
        let text = try #require(error).description
        #expect(text.hasPrefix("cannot draw a chart of \(width) × 480 pixels: cairo: invalid value"), "\(text)")
    }

    @Test("a bar reaches the height of its value between the lines of the grid")
    func heights() throws {
        // The axis has the ticks 0, 1, 2, 3, 4, 5, each with a line.
        let values = [5, 2.5, 0, 1.0]
        let image = try #require(try Chart.sample(.bars, values).image())
        let grid = lines(of: image)
        #expect(grid.count == 6)
        let (top, zero) = (try #require(grid.first), try #require(grid.last))
        let bars = image.runs(of: Pixel.first, y: zero - 2, least: 20)
        #expect(bars.count == 3)
        let present = values.filter { $0 > 0 }
        for (bar, value) in zip(bars, present) {
            let rows = image.rows(of: Pixel.first, x: bar.lowerBound + bar.count / 2)
            let expected = Double(zero) - value / 5 * Double(zero - top)
            #expect(abs(Double(try #require(rows.first)) - expected) <= 1, "\(value)")
            #expect(rows.last == zero - 1)
            #expect(rows.count == zero - (rows.first ?? 0), "the bar has a gap")
        }
    }

    @Test("a small value is visible, zero is not")
    func small() throws {
        let image = try #require(try Chart.sample(.bars, [100_000, 1, 0]).image())
        let zero = try #require(lines(of: image).last)
        #expect(image.runs(of: Pixel.first, y: zero - 1, least: 20).count == 2)
    }

    @Test("bars of several series stand side by side, in their order")
    func groups() throws {
        let image = try #require(try Chart.sample(.bars, labels: ["a", "b"], [4, 4], [2, 3]).image())
        let zero = try #require(lines(of: image).last)
        let first = image.runs(of: Pixel.first, y: zero - 2, least: 20)
        let second = image.runs(of: Pixel.second, y: zero - 2, least: 20)
        #expect(first.count == 2 && second.count == 2)
        for (left, right) in zip(first, second) {
            #expect((1...2).contains(right.lowerBound - left.upperBound))
            #expect(abs(left.count - right.count) <= 1)
        }
        let rows = image.rows(of: Pixel.second, x: try #require(second.last).lowerBound + 5)
        let all = image.rows(of: Pixel.first, x: try #require(first.last).lowerBound + 5)
        #expect(abs(Double(rows.count) / Double(all.count) - 0.75) < 0.01)
    }

    @Test("negative values extend below the axis")
    func negative() throws {
        let image = try #require(try Chart.sample(.bars, labels: ["a", "b"], [-2, 4]).image())
        let axis = try #require((0..<image.height).first { image[image.width - 20, $0] == Pixel.axis })
        let below = try #require(image.runs(of: Pixel.first, y: axis + 10, least: 20).first)
        let above = try #require(image.runs(of: Pixel.first, y: axis - 10, least: 20).first)
        #expect(below.upperBound < above.lowerBound)
        #expect(image.rows(of: Pixel.first, x: below.lowerBound + 5).allSatisfy { $0 >= axis })
        #expect(image.rows(of: Pixel.first, x: above.lowerBound + 5).allSatisfy { $0 < axis })
    }

    @Test(
        "a line passes through its values and is interrupted by gaps", arguments: [Double.nan, .infinity, -.infinity])
    func gaps(missing: Double) throws {
        let whole = try #require(try Chart.sample(.line, [4, 4, 4, 4]).image())
        let cut = try #require(try Chart.sample(.line, [4, 4, missing, 4]).image())
        let row = try #require((0..<whole.height).max { whole.length($0) < whole.length($1) })
        #expect(whole.length(row) > 700)
        #expect(whole.runs(of: Pixel.first, y: row, least: 1).count == 1)
        // From the first to the second point, and the last point alone.
        let parts = cut.runs(of: Pixel.first, y: row, least: 1)
        #expect(parts.count == 2)
        #expect(try #require(parts.first).count > 200)
        #expect((3...30).contains(try #require(parts.last).count))
        // The values are four fifths of an axis that ends at four.
        #expect(abs(row - (try #require(lines(of: cut).first))) <= 2)
    }

    @Test(
        "without values the image says so",
        arguments: [
            Chart.sample(.bars), Chart.sample(.line, []), Chart.sample(.bars, labels: [], [.nan, .infinity]),
        ])
    func empty(chart: Chart) throws {
        let image = try #require(try chart.image())
        // Some edge of a letter may have the colour of the grid.
        #expect(image.count(of: Pixel.grid) < 20)
        #expect(image.count(of: Pixel.first) == 0)
        let middle = (220..<320).contains { y in (400..<560).contains { image[$0, y] != Pixel.white } }
        #expect(middle, "there is no text in the middle")
    }

    @Test("zeros have an axis and no bars")
    func zeros() throws {
        let image = try #require(try Chart.sample(.bars, [0, 0, 0]).image())
        #expect(image.count(of: Pixel.first) == 0)
        #expect(lines(of: image).count == 4)
    }

    @Test("only several series have a legend")
    func legend() throws {
        let one = try #require(try Chart.sample(.bars, [0, 0]).image())
        let two = try #require(try Chart.sample(.bars, [0, 0], [0, 0]).image())
        #expect(one.count(of: Pixel.first) == 0)
        #expect((200...400).contains(two.count(of: Pixel.first)))
        #expect((200...400).contains(two.count(of: Pixel.second)))
    }

    /// The upper rows of the lines of the grid and of the axis, from the top; at the right edge, where no bar is.
    private func lines(of image: DecodedImage) -> [Int] {
        let x = image.width - 16
        return (1..<image.height).filter {
            [Pixel.grid, Pixel.axis].contains(image[x, $0]) && image[x, $0 - 1] == Pixel.white
        }
    }
}

extension DecodedImage {
    /// How many pixels of a row have the first series' colour.
    fileprivate func length(_ y: Int) -> Int { (0..<width).count { self[$0, y] == Pixel.first } }
}
