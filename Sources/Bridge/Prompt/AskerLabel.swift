/// How a user is named in a prompt: by name and e-mail, so that users with the same name are distinct.
enum AskerLabel {
    /// `name (e-mail)`, both made safe by ``plain(_:)``.
    static func label(name: String, email: String) -> String { "\(plain(name)) (\(plain(email)))" }

    /// At most 80 Unicode scalars of a name on one line, with a space for each that could end the surrounding tag or
    /// hide text. Users choose their own names, so that a name is untrusted.
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
