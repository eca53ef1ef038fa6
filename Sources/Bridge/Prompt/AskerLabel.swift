/// How a person is named to the model: by name, and by the e-mail that tells two of the same name apart.
enum AskerLabel {
    static func label(name: String, email: String) -> String { "\(plain(name)) (\(plain(email)))" }

    /// People choose their own names: one line, and nothing that could end the mark round it or hide what is there.
    static func plain(_ name: String) -> String {
        String(name.unicodeScalars.prefix(80).map { isHarmless($0) ? Character($0) : " " })
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        default: !"<>[]()\"".unicodeScalars.contains(scalar)
        }
    }
}
