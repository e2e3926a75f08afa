package web

import (
	"slices"
	"strings"

	"enveloppe/models"
	"enveloppe/templates/words"
)

// auditLeads tells lead times as the log keeps them, "decide_by 30 7, renewal none", in words.
func auditLeads(w *words.Words, plain string) string {
	var all []string
	for part := range strings.SplitSeq(plain, ", ") {
		kind, days, _ := strings.Cut(part, " ")
		if !slices.Contains(models.ReminderKinds, models.ReminderKind(kind)) {
			return plain
		}
		said := leadsTold(w, models.ReminderKind(kind), strings.Fields(strings.TrimSuffix(days, "none")))
		all = append(all, w.T("letter.line", "name", w.Kind("reminder", kind), "what", said))
	}
	return strings.Join(all, " ; ")
}

// auditMutes tells what somebody muted: kinds, services, or one kind of a service.
func auditMutes(w *words.Words, plain string) string {
	all := strings.Split(plain, ", ")
	for i, part := range all {
		kind, service, _ := strings.Cut(part, " ")
		if slices.Contains(models.ReminderKinds, models.ReminderKind(kind)) {
			all[i] = strings.TrimSpace(w.Kind("reminder", kind) + " " + service)
		}
	}
	return strings.Join(all, ", ")
}
