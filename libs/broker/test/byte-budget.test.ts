import { describe, expect, it } from 'vitest';
import { ByteBudget } from '../src/byte-budget.ts';

function reader() {
  const one = { resumed: 0, onRoom: () => void one.resumed++ };
  return one;
}

describe('byte budget', () => {
  it('lets a waiting connection read when another gives back', () => {
    const budget = new ByteBudget(100);
    const waiting = reader();
    budget.change(120, 0);
    budget.wait(waiting);
    expect(budget.mayRead(waiting)).toBe(false);
    expect(waiting.resumed).toBe(0);
    budget.change(-40, 0);
    expect(waiting.resumed).toBe(1);
    expect(budget.mayRead(waiting)).toBe(true);
  });

  it('wakes in the order of waiting, and only as long as there is room', () => {
    const budget = new ByteBudget(100);
    const order: string[] = [];
    budget.change(150, 0);
    budget.wait({ onRoom: () => (order.push('first'), budget.change(30, 0)) });
    budget.wait({ onRoom: () => order.push('second') });
    budget.change(-60, 0);
    expect(order).toEqual(['first']);
    budget.change(-60, 0);
    expect(order).toEqual(['first', 'second']);
  });

  it('lets one connection finish its frame when unfinished frames fill the budget', () => {
    const budget = new ByteBudget(100);
    const [first, second] = [reader(), reader()];
    budget.change(60, 60);
    budget.change(60, 60);
    budget.wait(first);
    budget.wait(second);
    expect([first.resumed, second.resumed]).toEqual([1, 0]);
    expect(budget.mayRead(second)).toBe(false);

    budget.change(30, 30);
    budget.endFrame(first);
    budget.change(0, -90);
    budget.change(-90, 0);
    expect(second.resumed).toBe(1);
  });

  it('gives the exemption on when its holder leaves', () => {
    const budget = new ByteBudget(100);
    const [first, second] = [reader(), reader()];
    budget.change(120, 120);
    budget.wait(first);
    budget.wait(second);
    budget.leave(first);
    budget.change(-5, -5);
    expect([first.resumed, second.resumed]).toEqual([1, 1]);
  });
});
