/// The labels below the axis: which are drawn, how long and where, so that no two overlap.
struct AxisLabels {
    struct Label: Hashable {
        /// The index of the place that it names.
        let place: Int
        let text: String
        /// Of a horizontal label the middle, of a slanted one the end.
        let x: Double
    }

    /// What the arrangement depends on, in pixels.
    struct Space {
        /// The middle of each place, from left to right.
        let places: [Double]
        /// Where a label may begin and end.
        let left: Double
        let right: Double
        /// The height of the image.
        let height: Double
        let fontSize: Double

        /// The distance of two places.
        var pitch: Double { places.count > 1 ? places[1] - places[0] : right - left }
        /// Between two labels.
        var gap: Double { fontSize * 0.6 }
    }

    /// The angle of slanted labels, in radians.
    static let angle = -Double.pi / 4

    let labels: [Label]
    let isSlanted: Bool
    /// From the axis to the lower end of the longest label.
    let height: Double

    /// All labels horizontally if they fit; else names are slanted if all fit then; else every n-th label is
    /// drawn, the last one in any case. Labels that begin with a digit are points of a scale, of which some suffice.
    ///
    /// - Parameter measure: The width of a text.
    init(_ texts: [String], in space: Space, measure: (String) -> Double) {
        let isScale = texts.allSatisfy { $0.first?.isNumber ?? true }
        let texts = Self.withoutDomain(Self.withoutYear(texts))
        let places = texts.indices.prefix(space.places.count)
        let isWide = !isScale && space.pitch >= 7 * space.fontSize
        let limit = isWide ? space.pitch - space.gap : (space.right - space.left) * 0.3
        var every = max(1, Int(Double(places.count) * space.fontSize / max(1, space.right - space.left)))
        if every == 1 {
            if let all = Self.row(texts, Array(places), limit, space, measure) {
                self.init(labels: all, isSlanted: false, height: space.fontSize * 1.6)
                return
            }
            // The distance of two slanted lines of text is the pitch times the sine of the angle.
            if !isScale, space.pitch >= 1.5 * space.fontSize {
                self.init(slanted: texts, in: space, measure: measure)
                return
            }
        }
        while every < places.count {
            let shown = places.filter { ($0 - places.count + 1) % every == 0 }
            if let row = Self.row(texts, shown, limit, space, measure) {
                self.init(labels: row, isSlanted: false, height: space.fontSize * 1.6)
                return
            }
            every += 1
        }
        let last = Self.row(texts, places.suffix(1), limit, space, measure) ?? []
        self.init(labels: last, isSlanted: false, height: space.fontSize * (last.isEmpty ? 0.6 : 1.6))
    }

    private init(labels: [Label], isSlanted: Bool, height: Double) {
        self.labels = labels
        self.isSlanted = isSlanted
        self.height = height
    }

    private init(slanted texts: [String], in space: Space, measure: (String) -> Double) {
        let half = Double(2).squareRoot() / 2
        let longest = space.height * 0.32 / half
        var labels: [Label] = []
        var reach = 0.0
        for (place, x) in space.places.enumerated() where place < texts.count {
            let limit = min(longest, max(0, x - space.left) / half)
            let text = ShortText.fitting(ShortText.line(texts[place]), width: limit, measure: measure)
            reach = max(reach, measure(text) * half)
            labels.append(Label(place: place, text: text, x: x))
        }
        self.init(labels: labels, isSlanted: true, height: reach + space.fontSize * 1.4)
    }

    /// These labels side by side; nil if two overlap.
    private static func row(
        _ texts: [String], _ places: [Int], _ limit: Double, _ space: Space, _ measure: (String) -> Double
    ) -> [Label]? {
        var labels: [Label] = []
        var end = -Double.infinity
        for place in places {
            let text = ShortText.fitting(ShortText.line(texts[place]), width: limit, measure: measure)
            let half = measure(text) / 2
            guard half > 0 else { continue }
            let x = min(max(space.places[place], space.left + half), space.right - half)
            guard x - half >= end + space.gap || labels.isEmpty else { return nil }
            end = x + half
            labels.append(Label(place: place, text: text, x: x))
        }
        return labels
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Nov 28` for `2026-11-28`, if all are days of one year; else the labels as they are.
    static func withoutYear(_ labels: [String]) -> [String] {
        guard let year = labels.first?.prefix(5) else { return labels }
        var days: [String] = []
        for label in labels {
            guard label.hasPrefix(year), let day = label.wholeMatch(of: /[0-9]{4}-([0-9]{2})-([0-9]{2})/),
                let month = Int(day.1), let number = Int(day.2), months.indices.contains(month - 1)
            else { return labels }
            days.append("\(months[month - 1]) \(number)")
        }
        return days
    }

    /// `ana` for `ana@acme.example`, if all are e-mail addresses of one domain; else the labels as they are.
    static func withoutDomain(_ labels: [String]) -> [String] {
        guard labels.count > 1, let domain = labels.first?.drop(while: { $0 != "@" }), !domain.isEmpty else {
            return labels
        }
        let isCommon = labels.allSatisfy { $0.hasSuffix(domain) && $0.count > domain.count }
        return isCommon ? labels.map { String($0.dropLast(domain.count)) } : labels
    }
}
