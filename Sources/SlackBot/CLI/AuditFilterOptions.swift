import Analytics
import ArgumentParser
import Foundation

/// A point in time as an option, in one of the forms of ``Since``.
struct SinceArgument: ExpressibleByArgument, Sendable {
    let date: Date

    init?(argument: String) {
        guard let date = Since.date(argument) else { return nil }
        self.date = date
    }
}

extension AuditRow.Status: ExpressibleByArgument {}
extension AuditExport.Format: ExpressibleByArgument {}
