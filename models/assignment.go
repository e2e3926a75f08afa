package models

import (
	"cmp"
	"math"
	"slices"
)

// edge is one possible pair of a class of equal lines and something expected; the heavier, the likelier.
type edge struct {
	class, expected int
	weight          int
	fit             fit
	named           named
	days            int // from the expected day to the line's; negative when the bank was early
}

// maxExact bounds the work of finding the best pairs of one component exactly, in steps; above it, which takes
// hundreds of equal charges, the heaviest pairs are taken first.
const maxExact = 1 << 22

// assign pairs classes with what is expected so that the weights of all pairs add up to the most: each expected once,
// each class as often as it has lines free. Edges between two are at most one. It answers edges by expected.
func assign(edges []edge, free func(class int) int) []edge {
	var chosen []edge
	for _, part := range components(edges) {
		rows, columns, seats := gather(part, free)
		switch n, m := len(rows), len(seats); {
		case len(part) == 1:
			chosen = append(chosen, part[0])
		case n*n*(n+m) > maxExact:
			chosen = append(chosen, heaviestFirst(part, free)...)
		default:
			chosen = append(chosen, best(part, rows, columns, seats)...)
		}
	}
	slices.SortFunc(chosen, func(a, b edge) int { return cmp.Compare(a.expected, b.expected) })
	return chosen
}

// components parts edges into groups that share neither class nor expected; within each they stay in order.
func components(edges []edge) [][]edge {
	parent := map[int]int{} // expected as they are, classes as -1-class
	root := func(x int) int {
		for {
			p, ok := parent[x]
			if !ok || p == x {
				return x
			}
			if above, ok := parent[p]; ok {
				parent[x] = above
			}
			x = p
		}
	}
	for i := range edges {
		parent[root(-1-edges[i].class)] = root(edges[i].expected)
	}
	at := map[int]int{}
	var parts [][]edge
	for i := range edges {
		x := root(edges[i].expected)
		n, ok := at[x]
		if !ok {
			n = len(parts)
			at[x] = n
			parts = append(parts, nil)
		}
		parts[n] = append(parts[n], edges[i])
	}
	return parts
}

// gather numbers the expected of a component as rows, and its classes as columns: one for each line they can use.
// seats holds the class of each column, columns the first one of each class.
func gather(part []edge, free func(int) int) (rows, columns map[int]int, seats []int) {
	rows, columns = map[int]int{}, map[int]int{}
	degree := map[int]int{}
	for i := range part {
		if _, ok := rows[part[i].expected]; !ok {
			rows[part[i].expected] = len(rows)
		}
		degree[part[i].class]++
	}
	for i := range part {
		class := part[i].class
		if _, ok := columns[class]; ok {
			continue
		}
		columns[class] = len(seats)
		for range min(free(class), degree[class]) {
			seats = append(seats, class)
		}
	}
	return rows, columns, seats
}

// heaviestFirst takes the heaviest pair left again and again.
func heaviestFirst(part []edge, free func(int) int) []edge {
	slices.SortStableFunc(part, func(a, b edge) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.expected, b.expected), cmp.Compare(a.class, b.class))
	})
	var chosen []edge
	taken, used := map[int]bool{}, map[int]int{}
	for i := range part {
		e := &part[i]
		if taken[e.expected] || used[e.class] == free(e.class) {
			continue
		}
		taken[e.expected] = true
		used[e.class]++
		chosen = append(chosen, *e)
	}
	return chosen
}

// best is the assignment of the greatest weight, by the Hungarian method with potentials: rows are added one by one
// along the cheapest path. Each row has a column of its own for staying without a line.
func best(part []edge, rows, columns map[int]int, seats []int) []edge {
	n, m := len(rows), len(seats)+len(rows)
	cost := make([]int, n*m) // 0 without an edge, else less
	edgeAt := make([]int, n*m)
	for i := range part {
		row, first := rows[part[i].expected], columns[part[i].class]
		for c := first; c < len(seats) && seats[c] == part[i].class; c++ {
			cost[row*m+c], edgeAt[row*m+c] = -part[i].weight, i+1
		}
	}
	rowOf := cheapest(cost, n, m)
	var chosen []edge
	for c, row := range rowOf {
		if row >= 0 && edgeAt[row*m+c] > 0 {
			chosen = append(chosen, part[edgeAt[row*m+c]-1])
		}
	}
	return chosen
}

// cheapest gives every one of n rows a column of its own among m ≥ n so that the costs add up to the least, and answers
// the row of each column, -1 for none.
func cheapest(cost []int, n, m int) []int {
	u, v := make([]int, n+1), make([]int, m+1)
	match, way := make([]int, m+1), make([]int, m+1) // column 0 stands for the row being added; rows count from 1
	least, seen := make([]int, m+1), make([]bool, m+1)
	for row := 1; row <= n; row++ {
		match[0] = row
		column := 0
		for c := range least {
			least[c], seen[c] = math.MaxInt, false
		}
		for match[column] != 0 {
			seen[column] = true
			r, next, step := match[column], 0, math.MaxInt
			for c := 1; c <= m; c++ {
				if seen[c] {
					continue
				}
				if d := cost[(r-1)*m+c-1] - u[r] - v[c]; d < least[c] {
					least[c], way[c] = d, column
				}
				if least[c] < step {
					step, next = least[c], c
				}
			}
			for c := 0; c <= m; c++ {
				if seen[c] {
					u[match[c]] += step
					v[c] -= step
				} else {
					least[c] -= step
				}
			}
			column = next
		}
		for column != 0 {
			match[column] = match[way[column]]
			column = way[column]
		}
	}
	rowOf := make([]int, m)
	for c := range rowOf {
		rowOf[c] = match[c+1] - 1
	}
	return rowOf
}
