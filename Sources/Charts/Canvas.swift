import CCairo

/// An image in memory, on which cairo draws. Coordinates are pixels from the upper left corner. Used by one thread, and
/// owns all that cairo allocates for it: cairo's objects are independent of each other, and what they share (caches of
/// fonts) has cairo's locks.
///
/// A failure of cairo makes all further drawing a no-op; ``png()`` throws it.
final class Canvas {
    enum Alignment { case left, center, right }

    let width: Int
    let height: Int
    private let surface: OpaquePointer
    private let context: OpaquePointer

    /// A white image.
    init(width: Int, height: Int) throws {
        self.width = width
        self.height = height
        // RGB24 has no transparency: a dark page around the image does not show through.
        let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, CInt(clamping: width), CInt(clamping: height))
        guard let surface else { throw ChartError(width: width, height: height, reason: "no surface") }
        guard let context = cairo_create(surface) else {
            cairo_surface_destroy(surface)
            throw ChartError(width: width, height: height, reason: "no context")
        }
        self.surface = surface
        self.context = context
        // The object is complete, so that `deinit` frees both also when the next line throws.
        try check(cairo_status(context))
        setUpText()
        fill(Box(left: 0, top: 0, right: Double(width), bottom: Double(height)), .white)
    }

    deinit {
        cairo_destroy(context)
        cairo_surface_destroy(surface)
    }

    /// The image as PNG. Throws the first failure of cairo since the beginning.
    func png() throws -> [UInt8] {
        try check(cairo_status(context))
        cairo_surface_flush(surface)
        var bytes: [UInt8] = []
        let status = withUnsafeMutablePointer(to: &bytes) { target in
            cairo_surface_write_to_png_stream(
                surface,
                { target, data, count in
                    let bytes = target?.assumingMemoryBound(to: [UInt8].self)
                    bytes?.pointee.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
                    return CAIRO_STATUS_SUCCESS
                }, target)
        }
        try check(status)
        return bytes
    }

    private func check(_ status: cairo_status_t) throws {
        guard status != CAIRO_STATUS_SUCCESS else { return }
        let reason = cairo_status_to_string(status).map { String(cString: $0) } ?? "status \(status.rawValue)"
        throw ChartError(width: width, height: height, reason: reason)
    }

    /// Grey levels at the edges of glyphs, not coloured ones as for a screen, and widths that are not rounded.
    private func setUpText() {
        let options = cairo_font_options_create()
        defer { cairo_font_options_destroy(options) }
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        cairo_set_font_options(context, options)
    }
}

/// What is drawn.
extension Canvas {
    func fill(_ box: Box, _ color: Color) {
        use(color)
        cairo_rectangle(context, box.left, box.top, box.width, box.height)
        cairo_fill(context)
    }

    /// A filled circle.
    func dot(_ center: Point, radius: Double, _ color: Color) {
        use(color)
        cairo_new_sub_path(context)
        cairo_arc(context, center.x, center.y, radius, 0, 2 * Double.pi)
        cairo_fill(context)
    }

    /// A line from point to point.
    func line(_ points: [Point], width: Double, dashes: [Double], _ color: Color) {
        use(color)
        cairo_set_line_width(context, width)
        cairo_set_line_cap(context, dashes.isEmpty ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        cairo_set_dash(context, dashes, CInt(dashes.count), 0)
        // The time of a stroke grows with more than the count of points that it has, so it is drawn in pieces.
        let piece = 256
        for start in stride(from: 0, to: points.count - 1, by: piece) {
            cairo_move_to(context, points[start].x, points[start].y)
            for point in points[(start + 1)..<min(start + piece + 1, points.count)] {
                cairo_line_to(context, point.x, point.y)
            }
            cairo_stroke(context)
        }
    }

    /// One line of text.
    ///
    /// - Parameters:
    ///   - point: On the baseline: the text's left end, middle or right end.
    ///   - angle: In radians, clockwise around `point`.
    func text(
        _ text: String, at point: Point, _ alignment: Alignment, _ font: Font, angle: Double = 0, _ color: Color
    ) {
        let shift: Double
        switch alignment {
        case .left: shift = 0
        case .center: shift = textWidth(text, font) / 2
        case .right: shift = textWidth(text, font)
        }
        use(color)
        select(font)
        cairo_save(context)
        cairo_translate(context, point.x, point.y)
        cairo_rotate(context, angle)
        cairo_move_to(context, -shift, 0)
        cairo_show_text(context, text)
        cairo_restore(context)
    }

    /// In pixels.
    func textWidth(_ text: String, _ font: Font) -> Double {
        select(font)
        var extents = cairo_text_extents_t()
        cairo_text_extents(context, text, &extents)
        return extents.x_advance
    }

    private func use(_ color: Color) { cairo_set_source_rgb(context, color.red, color.green, color.blue) }

    /// If the machine does not have the family, fontconfig takes the most similar one.
    private func select(_ font: Font) {
        let weight = font.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL
        cairo_select_font_face(context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, weight)
        cairo_set_font_size(context, font.size)
    }
}
